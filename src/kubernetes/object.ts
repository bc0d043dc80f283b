/** Kubernetes objects as the API server sends them: raw JSON, so that no field is lost on the way through. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  // biome-ignore lint/suspicious/noExplicitAny: the shape of spec, status and data is the kind's own
  [field: string]: any
}

interface ObjectMeta {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
  finalizers?: string[]
  managedFields?: ManagedFields[]
}

export interface ManagedFields {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time?: string
  fieldsType: 'FieldsV1'
  fieldsV1: Record<string, unknown>
  subresource?: string
}

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
  observedGeneration?: number
}

/** A kind at a version, with what discovery tells of it: `plural` is the name in URLs. */
export interface Resource {
  group: string
  version: string
  plural: string
  kind: string
  namespaced: boolean
}

/** The condition of this type, if the object has one. */
export function condition(object: KubernetesObject | undefined, type: string): Condition | undefined {
  const conditions: Condition[] | undefined = object?.['status']?.conditions
  return conditions?.find((each) => each.type === type)
}

/** True when the condition `Ready` is `True`; it says nothing about which generation or revision that was. */
export function isReady(object: KubernetesObject | undefined): boolean {
  return condition(object, 'Ready')?.status === 'True'
}

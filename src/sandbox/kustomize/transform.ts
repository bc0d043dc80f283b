import type { KubernetesObject } from '../../kubernetes/object.ts'
import { mapsOf } from '../../manifests/documents.ts'
import { idOf } from './resources.ts'

/**
 * Kinds without a namespace. kustomize knows the built-in ones only and writes the namespace into a ClusterSecretStore
 * too, where the API server drops it again; leaving it out comes to the same.
 */
const clusterScoped = new Set(
  `APIService ClusterExternalSecret ClusterGenerator ClusterPushSecret ClusterRole ClusterRoleBinding ClusterSecretStore
  CustomResourceDefinition IngressClass MutatingWebhookConfiguration Namespace Node PersistentVolume PriorityClass RuntimeClass
  StorageClass ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration`.split(/\s+/),
)

/** Puts all objects into the namespace. A Namespace among them takes its name, as it does in kustomize. */
export function inNamespace(objects: KubernetesObject[], namespace: string): KubernetesObject[] {
  const moved = objects.map((object): KubernetesObject => {
    const { metadata } = object
    if (object.kind === 'Namespace' && object.apiVersion === 'v1') return { ...object, metadata: { ...metadata, name: namespace } }
    const isClusterScoped = clusterScoped.has(object.kind)
    const subjects = object.kind.endsWith('RoleBinding') ? { subjects: boundIn(object['subjects'], namespace) } : {}
    return { ...object, ...subjects, metadata: isClusterScoped ? metadata : { ...metadata, namespace } }
  })
  const ids = moved.map(idOf)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice) throw new Error(`namespace transformation produces ID conflict: ${twice}`)
  return moved
}

function boundIn(subjects: unknown, namespace: string): unknown[] {
  return mapsOf(subjects).map((each) => (each['kind'] === 'ServiceAccount' && each['name'] === 'default' ? { ...each, namespace } : each))
}

/** Adds labels: to the objects, and as asked to pod templates and selectors. */
export function labelled(
  objects: KubernetesObject[],
  pairs: Record<string, string>,
  include: { includeSelectors?: boolean | undefined; includeTemplates?: boolean | undefined },
): KubernetesObject[] {
  return objects.map((original) => {
    const object = structuredClone(original)
    object.metadata.labels = { ...object.metadata.labels, ...pairs }
    const spec = object['spec']
    if (spec?.template && (include.includeSelectors || include.includeTemplates)) {
      spec.template.metadata = { ...spec.template.metadata, labels: { ...spec.template.metadata?.labels, ...pairs } }
    }
    if (!include.includeSelectors) return object
    if (object.kind === 'Service' && spec?.selector) spec.selector = { ...spec.selector, ...pairs }
    if (isWorkload(object) && spec) spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, ...pairs } }
    return object
  })
}

/** Adds annotations to the objects and their pod templates. */
export function annotated(objects: KubernetesObject[], pairs: Record<string, string>): KubernetesObject[] {
  return objects.map((original) => {
    const object = structuredClone(original)
    object.metadata.annotations = { ...object.metadata.annotations, ...pairs }
    const template = isWorkload(object) ? object['spec']?.template : undefined
    if (template) template.metadata = { ...template.metadata, annotations: { ...template.metadata?.annotations, ...pairs } }
    return object
  })
}

function isWorkload({ kind }: KubernetesObject): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet' || kind === 'ReplicaSet'
}

import type { Schema } from './schema.ts'

const text: Schema = { type: 'string' }
const whole: Schema = { type: 'integer' }
const flag: Schema = { type: 'boolean' }
const texts: Schema = { type: 'object', additionalProperties: text }
const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const
const atomic: Schema = { ...open, 'x-kubernetes-map-type': 'atomic' }

function struct(properties: Record<string, Schema>, required?: string[]): Schema {
  return { type: 'object', properties, ...(required && { required }) }
}

/** A struct of which the sandbox knows only the fields that matter to it; the others are kept as they come. */
function loose(properties: Record<string, Schema>, required?: string[]): Schema {
  return { ...open, properties, ...(required && { required }) }
}

function keyed(keys: string[], items: Schema): Schema {
  return { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys, items }
}

const objectMeta: Schema = struct({
  name: text,
  generateName: text,
  namespace: text,
  selfLink: text,
  uid: text,
  resourceVersion: text,
  generation: whole,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: whole,
  labels: texts,
  annotations: texts,
  finalizers: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
  ownerReferences: keyed(['uid'], atomic),
  managedFields: { type: 'array', items: loose({}) },
})

/** A whole object: what every kind has, and its own fields. */
export function kindSchema(fields: Record<string, Schema>): Schema {
  return struct({ apiVersion: text, kind: text, metadata: objectMeta, ...fields })
}

/** A kind of which nothing more is known: all its fields are kept. */
export const openKind: Schema = { ...kindSchema({}), 'x-kubernetes-preserve-unknown-fields': true }

const container: Schema = loose({
  name: text,
  env: keyed(['name'], loose({ valueFrom: loose({ secretKeyRef: atomic, configMapKeyRef: atomic, fieldRef: atomic }) })),
  ports: keyed(['containerPort', 'protocol'], loose({ protocol: { type: 'string', default: 'TCP' } })),
  volumeMounts: keyed(['mountPath'], loose({})),
})

const podSpec: Schema = loose({
  containers: keyed(['name'], container),
  initContainers: keyed(['name'], container),
  volumes: keyed(['name'], loose({})),
  imagePullSecrets: keyed(['name'], atomic),
  nodeSelector: { ...texts, 'x-kubernetes-map-type': 'atomic' },
})

const conditions = keyed(['type'], loose({ type: text, status: text }))

const definitionSpec: Schema = loose(
  {
    group: text,
    scope: { type: 'string', enum: ['Cluster', 'Namespaced'] },
    names: loose({ plural: text, kind: text, shortNames: { type: 'array', items: text } }, ['plural', 'kind']),
    versions: { type: 'array', minItems: 1, items: loose({ name: text, served: flag, storage: flag }, ['name']) },
  },
  ['group', 'scope', 'names', 'versions'],
)

export const builtinSchemas: Record<string, Schema> = {
  Namespace: kindSchema({ spec: loose({}), status: loose({ conditions }) }),
  Secret: kindSchema({
    data: texts,
    stringData: texts,
    immutable: flag,
    type: { type: 'string', default: 'Opaque' },
  }),
  ConfigMap: kindSchema({ data: texts, binaryData: texts, immutable: flag }),
  Pod: kindSchema({ spec: podSpec, status: loose({ conditions, podIPs: keyed(['ip'], loose({})) }) }),
  Service: kindSchema({
    spec: loose({
      selector: { ...texts, 'x-kubernetes-map-type': 'atomic' },
      type: { type: 'string', default: 'ClusterIP' },
      ports: keyed(['port', 'protocol'], loose({ protocol: { type: 'string', default: 'TCP' } })),
    }),
    status: loose({ conditions }),
  }),
  Deployment: kindSchema({
    spec: loose({
      replicas: { type: 'integer', default: 1 },
      selector: atomic,
      template: loose({ metadata: objectMeta, spec: podSpec }),
    }),
    status: loose({ conditions }),
  }),
  Lease: kindSchema({
    spec: struct({
      holderIdentity: text,
      leaseDurationSeconds: whole,
      acquireTime: text,
      renewTime: text,
      leaseTransitions: whole,
      strategy: text,
      preferredHolder: text,
    }),
  }),
  Event: { ...kindSchema({ involvedObject: atomic }), 'x-kubernetes-preserve-unknown-fields': true },
  CustomResourceDefinition: {
    ...kindSchema({ spec: definitionSpec, status: loose({ conditions }) }),
    required: ['spec'],
  },
  SelfSubjectAccessReview: kindSchema({
    spec: struct({ resourceAttributes: loose({}), nonResourceAttributes: loose({}) }),
    status: loose({}),
  }),
}

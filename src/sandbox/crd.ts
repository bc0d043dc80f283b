import type { KubernetesObject } from '../kubernetes/object.ts'

export interface Column {
  name: string
  type: string
  jsonPath: string
  description?: string
  priority?: number
}

export interface Definition {
  group: string
  kind: string
  plural: string
  shortNames?: string[]
  categories?: string[]
  scope?: 'Cluster' | 'Namespaced'
  /** The one that is stored comes first; the others are listed, and served unless told. */
  versions: { name: string; served?: boolean }[]
  /** The schema of `spec`; what it doesn't name is kept. */
  spec?: object
  /** What a new object's status says before anybody wrote it. */
  initialStatus?: object
  columns?: Column[]
  labels?: Record<string, string>
}

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

export const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }

const ready = (field: string) => `.status.conditions[?(@.type=="Ready")].${field}`

export const readyColumns: Column[] = [
  { name: 'Ready', type: 'string', jsonPath: ready('status') },
  { name: 'Status', type: 'string', jsonPath: ready('message') },
]

/** A field map of which only these fields are known; the others are kept as they come. */
export const loose = (properties: Record<string, object>, required?: string[]): object => ({
  ...open,
  properties,
  ...(required ? { required } : {}),
})

/** A CustomResourceDefinition that says no more than the sandbox acts on. */
export function crd(definition: Definition): KubernetesObject {
  const {
    group,
    kind,
    plural,
    shortNames,
    categories,
    scope = 'Namespaced',
    versions,
    spec = open,
    columns = [age],
    labels,
    initialStatus,
  } = definition
  const status = initialStatus ? { ...open, default: initialStatus } : open
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(labels ? { labels } : {}) },
    spec: {
      group,
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames ? { shortNames } : {}),
        ...(categories ? { categories } : {}),
      },
      versions: versions.map(({ name, served = true }, index) => ({
        name,
        served,
        storage: index === 0,
        ...(served ? {} : { deprecated: true }),
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, spec, status },
          },
        },
        subresources: { status: {} },
        additionalPrinterColumns: columns,
      })),
    },
  }
}

import type { Resource } from '../../kubernetes/object.ts'
import { builtinSchemas, openKind } from './builtin-schemas.ts'
import type { Schema } from './schema.ts'

/** What the server knows about one kind at one version. */
export interface ResourceType extends Resource {
  singular: string
  shortNames: string[]
  categories: string[]
  verbs: string[]
  subresources: string[]
  schema: Schema
  /** `metadata.generation` counts changes outside of metadata and status. */
  counts: boolean
  /** It comes from a CustomResourceDefinition. */
  custom?: boolean
  columns?: PrinterColumn[]
  /** Text of the Warning header for a deprecated version. */
  deprecated?: string
}

export interface PrinterColumn {
  name: string
  type: string
  jsonPath: string
  format?: string
  description?: string
  priority?: number
}

export const allVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

type Row = [group: string, version: string, plural: string, kind: string, shortNames: string, options?: Partial<ResourceType>]

const cluster = { namespaced: false }
const withStatus = { subresources: ['status'] }
const counted = { subresources: ['status'], counts: true }
const createOnly = { namespaced: false, verbs: ['create'] }

const rows: Row[] = [
  ['', 'v1', 'namespaces', 'Namespace', 'ns', { ...cluster, ...withStatus, verbs: allVerbs.filter((verb) => verb !== 'deletecollection') }],
  ['', 'v1', 'secrets', 'Secret', ''],
  ['', 'v1', 'configmaps', 'ConfigMap', 'cm'],
  ['', 'v1', 'events', 'Event', 'ev'],
  ['', 'v1', 'pods', 'Pod', 'po', { subresources: ['status', 'log'], categories: ['all'], counts: true }],
  ['', 'v1', 'services', 'Service', 'svc', { ...withStatus, categories: ['all'] }],
  ['', 'v1', 'endpoints', 'Endpoints', 'ep', { deprecated: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice' }],
  ['', 'v1', 'serviceaccounts', 'ServiceAccount', 'sa'],
  ['', 'v1', 'nodes', 'Node', 'no', { ...cluster, ...withStatus }],
  ['', 'v1', 'limitranges', 'LimitRange', 'limits'],
  ['', 'v1', 'resourcequotas', 'ResourceQuota', 'quota', withStatus],
  ['apps', 'v1', 'deployments', 'Deployment', 'deploy', { ...counted, categories: ['all'] }],
  ['apps', 'v1', 'replicasets', 'ReplicaSet', 'rs', { ...counted, categories: ['all'] }],
  ['coordination.k8s.io', 'v1', 'leases', 'Lease', ''],
  ['discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice', ''],
  ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', 'crd,crds', { ...cluster, ...counted }],
  [
    'admissionregistration.k8s.io',
    'v1',
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    '',
    { ...cluster, counts: true },
  ],
  ['networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy', 'netpol', { counts: true }],
  ['networking.k8s.io', 'v1', 'ingresses', 'Ingress', 'ing', counted],
  ['rbac.authorization.k8s.io', 'v1', 'roles', 'Role', ''],
  ['rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding', ''],
  ['rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', '', cluster],
  ['rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding', '', cluster],
  ['authorization.k8s.io', 'v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', '', createOnly],
  ['authentication.k8s.io', 'v1', 'selfsubjectreviews', 'SelfSubjectReview', '', createOnly],
]

/** The kinds that are there without a CustomResourceDefinition. */
function builtinTypes(): ResourceType[] {
  return rows.map(([group, version, plural, kind, shortNames, options]) => ({
    group,
    version,
    plural,
    kind,
    namespaced: true,
    singular: kind.toLowerCase(),
    shortNames: shortNames ? shortNames.split(',') : [],
    categories: [],
    verbs: allVerbs,
    subresources: [],
    schema: builtinSchemas[kind] ?? openKind,
    counts: false,
    ...options,
  }))
}

/** The kinds that are served at this moment; CustomResourceDefinitions add to it and take away. */
export interface Registry {
  types(): ResourceType[]
  find(group: string, version: string, plural: string): ResourceType | undefined
  /** By kind; any version will do where none is named. */
  ofKind(group: string, kind: string, version?: string): ResourceType | undefined
  replace(group: string, kind: string, types: ResourceType[]): void
}

export function createRegistry(): Registry {
  let types = builtinTypes()
  return {
    types: () => types,
    find: (group, version, plural) => types.find((type) => type.group === group && type.version === version && type.plural === plural),
    ofKind(group, kind, version) {
      const same = types.filter((type) => type.group === group && type.kind === kind)
      return same.find((type) => type.version === version) ?? same[0]
    },
    replace(group, kind, added) {
      types = [...types.filter((type) => type.group !== group || type.kind !== kind), ...added]
    },
  }
}

/** `v1`, `apps/v1`. */
export function groupVersion({ group, version }: { group: string; version: string }): string {
  return group ? `${group}/${version}` : version
}

/** The group of an apiVersion, and its version. */
export function splitVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

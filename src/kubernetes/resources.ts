import type { Resource } from './object.ts'

const core = { group: '', version: 'v1' }

/** Built-in kinds, at versions that every supported Kubernetes serves. */
export const namespaces: Resource = { ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false }
export const secrets: Resource = { ...core, plural: 'secrets', kind: 'Secret', namespaced: true }
export const pods: Resource = { ...core, plural: 'pods', kind: 'Pod', namespaced: true }
export const services: Resource = { ...core, plural: 'services', kind: 'Service', namespaced: true }
export const events: Resource = { ...core, plural: 'events', kind: 'Event', namespaced: true }
export const deployments: Resource = { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true }
export const leases: Resource = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', kind: 'Lease', namespaced: true }
export const customResourceDefinitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}
export const endpointSlices: Resource = {
  group: 'discovery.k8s.io',
  version: 'v1',
  plural: 'endpointslices',
  kind: 'EndpointSlice',
  namespaced: true,
}
export const validatingWebhooks: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
}

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' }

export const roles: Resource = { ...rbac, plural: 'roles', kind: 'Role', namespaced: true }
export const clusterRoles: Resource = { ...rbac, plural: 'clusterroles', kind: 'ClusterRole', namespaced: false }
export const roleBindings: Resource = { ...rbac, plural: 'rolebindings', kind: 'RoleBinding', namespaced: true }
export const clusterRoleBindings: Resource = { ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false }

import type { KubernetesObject } from '../kubernetes/object.ts'

/** A kind whatever its version: the sandbox stores an object once, and serves it at each version its CRD lists. */
export interface Kind {
  group: string
  kind: string
}

const kind = (group: string, name: string): Kind => ({ group, kind: name })

export const kinds = {
  namespace: kind('', 'Namespace'),
  secret: kind('', 'Secret'),
  configMap: kind('', 'ConfigMap'),
  service: kind('', 'Service'),
  endpointSlice: kind('discovery.k8s.io', 'EndpointSlice'),
  pod: kind('', 'Pod'),
  event: kind('', 'Event'),
  deployment: kind('apps', 'Deployment'),
  webhook: kind('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration'),
  crd: kind('apiextensions.k8s.io', 'CustomResourceDefinition'),
  gitRepository: kind('source.toolkit.fluxcd.io', 'GitRepository'),
  ociRepository: kind('source.toolkit.fluxcd.io', 'OCIRepository'),
  helmRepository: kind('source.toolkit.fluxcd.io', 'HelmRepository'),
  helmRelease: kind('helm.toolkit.fluxcd.io', 'HelmRelease'),
  kustomization: kind('kustomize.toolkit.fluxcd.io', 'Kustomization'),
  clusterSecretStore: kind('external-secrets.io', 'ClusterSecretStore'),
  secretStore: kind('external-secrets.io', 'SecretStore'),
  externalSecret: kind('external-secrets.io', 'ExternalSecret'),
} as const

export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
}

export function kindOf(object: { apiVersion: string; kind: string }): Kind {
  return { group: groupOf(object.apiVersion), kind: object.kind }
}

export function is(object: KubernetesObject, ...wanted: readonly Kind[]): boolean {
  return wanted.some((each) => each.kind === object.kind && each.group === groupOf(object.apiVersion))
}

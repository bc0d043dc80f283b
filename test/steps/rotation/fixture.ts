import type { KubernetesObject } from '../../../src/kubernetes/object.ts'

/** An ExternalSecret of the namespace `apps`. */
export function externalSecret(name: string, spec: object, status?: object): KubernetesObject {
  const metadata = { name, namespace: 'apps', generation: 1 }
  return { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata, spec, ...(status && { status }) }
}

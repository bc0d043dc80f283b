import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { Api } from './api.ts'

/** The bytes of a Secret's key, as text; undefined while there are none. */
export async function secretValue(api: Api, namespace: string, name: string, key: string): Promise<string | undefined> {
  const data = (await api.get(`/api/v1/namespaces/${namespace}/secrets/${name}`))?.['data']?.[key]
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString()
}

/** Somebody's own ExternalSecret, which asks for its value every second. */
export function externalSecret(version: string, item: string, field: string): KubernetesObject {
  return {
    apiVersion: `external-secrets.io/${version}`,
    kind: 'ExternalSecret',
    metadata: { name: 'my-app', namespace: 'default' },
    spec: {
      refreshInterval: '1s',
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'onepassword' },
      target: { name: 'my-app' },
      data: [{ secretKey: field, remoteRef: { key: item, property: field } }],
    },
  }
}

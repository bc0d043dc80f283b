import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { Client } from '../../test/contract/client.ts'

export const store = { kind: 'ClusterSecretStore', name: 'onepassword' }
const namespaces = 20
const group = '/apis/external-secrets.io/v1'

/** Makes the ExternalSecrets from this number up to that one, many at a time, spread over some namespaces. */
export async function populate(client: Client, from: number, to: number): Promise<void> {
  if (from === 0) {
    for (let nth = 0; nth < namespaces; nth++)
      await expectMade(client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: namespaceOf(nth) } } }))
  }
  let next = from
  const worker = async () => {
    for (let nth = next++; nth < to; nth = next++) {
      const { namespace } = externalSecret(nth).metadata
      await expectMade(client.send('POST', `${group}/namespaces/${namespace}/externalsecrets`, { body: externalSecret(nth) }))
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

export function statusPath({ namespace, name }: KubernetesObject['metadata']): string {
  return `${group}/namespaces/${namespace}/externalsecrets/${name}/status`
}

/** Of a usual size: some keys, a template, labels as Flux sets them. */
function externalSecret(nth: number): KubernetesObject {
  const keys = ['username', 'password', 'url', 'api-key']
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: {
      name: `application-${nth}`,
      namespace: namespaceOf(nth),
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'applications', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
    },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: store,
      target: { name: `application-${nth}`, template: { type: 'Opaque', data: { config: '{{ .username }}:{{ .password }}@{{ .url }}' } } },
      data: keys.map((key) => ({ secretKey: key, remoteRef: { key: `application-${nth}`, property: key } })),
    },
  }
}

function namespaceOf(nth: number): string {
  return `team-${nth % namespaces}`
}

async function expectMade(reply: ReturnType<Client['send']>): Promise<void> {
  const { status, text } = await reply
  if (status !== 201) throw new Error(`status ${status}: ${text.slice(0, 300)}`)
}

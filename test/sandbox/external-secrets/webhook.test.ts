import { expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { createRegistry } from '../../../src/sandbox/api/resources.ts'
import { createStore } from '../../../src/sandbox/api/store.ts'
import { checkWebhooks } from '../../../src/sandbox/external-secrets/webhook.ts'
import { renderOperator } from '../../../src/sandbox/flux/charts/operator.ts'

function world({ serving }: { serving: boolean }) {
  const store = createStore(createRegistry())
  const objects = renderOperator({ name: 'external-secrets', namespace: 'external-secrets', version: '2.9.0', values: {} })
  for (const object of objects) store.put(object, 'helm')
  const labels = { 'app.kubernetes.io/name': 'external-secrets-webhook', 'app.kubernetes.io/instance': 'external-secrets' }
  const metadata = { name: 'webhook', namespace: 'external-secrets', labels }
  const status = { conditions: [{ type: 'Ready', status: serving ? 'True' : 'False' }] }
  store.put({ apiVersion: 'v1', kind: 'Pod', metadata, spec: {}, status }, 'kubelet')
  return store
}

function secretStore(kind: string, token: object, vaults: object = { homelab: 1 }): KubernetesObject {
  const provider = { onepassword: { connectHost: 'http://c', vaults, auth: { secretRef: { connectTokenSecretRef: token } } } }
  const metadata = { name: 'onepassword', ...(kind === 'SecretStore' ? { namespace: 'apps' } : {}) }
  return { apiVersion: 'external-secrets.io/v1', kind, metadata, spec: { provider } }
}

const token = { name: 'token', key: 'token' }

test('refuses everything while nothing serves it', () => {
  const good = secretStore('ClusterSecretStore', { ...token, namespace: 'external-secrets' })
  expect(() => checkWebhooks(world({ serving: true }), good)).not.toThrow()
  const text = /failed calling webhook "validate.clustersecretstore.external-secrets.io": .*connection refused/
  expect(() => checkWebhooks(world({ serving: false }), good)).toThrow(text)
})

test.each([
  ['ClusterSecretStore', token, { a: 1 }, 'cluster scope requires namespace'],
  ['SecretStore', { ...token, namespace: 'other' }, { a: 1 }, 'namespace should either be empty or match'],
  ['SecretStore', token, {}, 'must be at least one vault'],
  ['SecretStore', token, { a: 1, b: 1 }, 'vault order numbers must be unique'],
  ['SecretStore', { key: 'token' }, { a: 1 }, 'connectTokenSecretRef.name'],
])('a %s with %j and %j: %s', (kind, reference, vaults, why) => {
  expect(() => checkWebhooks(world({ serving: true }), secretStore(kind, reference, vaults))).toThrow(why)
})

test('has no say on versions that it doesn’t list', () => {
  const old = { ...secretStore('ClusterSecretStore', token), apiVersion: 'external-secrets.io/v1beta1' }
  expect(() => checkWebhooks(world({ serving: false }), old)).not.toThrow()
})

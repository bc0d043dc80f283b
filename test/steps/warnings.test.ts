import { afterEach, beforeEach, expect, test } from 'vitest'
import { historyOf } from '../../src/kubernetes/events.ts'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import { esoCrds } from '../../src/sandbox/external-secrets/crds.ts'
import { warningsOf } from '../../src/steps/warnings.ts'
import { type Sandbox, startSandbox } from '../kubernetes/sandbox.ts'

const apiVersion = 'external-secrets.io/v1'
const made: KubernetesObject = { apiVersion, kind: 'ExternalSecret', metadata: { name: 'proof', namespace: 'here' } }
const about = { kind: 'ExternalSecret', name: 'proof' }
const store = { kind: 'ClusterSecretStore', name: 'onepassword' }
let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox()
  for (const crd of esoCrds(2, 6, {})) sandbox.server.store.put(crd, 'test')
})
afterEach(() => sandbox.close())

function say(kind: string, name: string, message: string, minute: number, namespace = 'default'): void {
  const metadata = { name: `${name}.${minute}`, namespace }
  const about = { involvedObject: { kind, name }, type: 'Warning', lastTimestamp: `2026-01-01T00:0${minute}:00Z` }
  sandbox.server.store.put({ apiVersion: 'v1', kind: 'Event', metadata, message, ...about }, 'test')
}

function putStore(status: 'True' | 'False'): void {
  const conditions = [{ type: 'Ready', status }]
  sandbox.server.store.put({ apiVersion, kind: store.kind, metadata: { name: store.name }, status: { conditions } }, 'test')
}

test('a store that isn’t Ready tells why, and only the newest of it', async () => {
  say('ExternalSecret', 'proof', 'ClusterSecretStore "onepassword" is not ready', 3, 'here')
  say('ClusterSecretStore', 'onepassword', 'status 401: Invalid bearer token', 1)
  say('ClusterSecretStore', 'onepassword', 'Found 0 vaults with title "Private"', 2)
  putStore('False')
  expect(await warningsOf(sandbox.cluster, made, [store])).toEqual([
    'ClusterSecretStore "onepassword" is not ready',
    'Found 0 vaults with title "Private"',
  ])
})

test('what a store said before it was Ready is over', async () => {
  say('ClusterSecretStore', 'onepassword', 'status 401: Invalid bearer token', 1)
  putStore('True')
  expect(await warningsOf(sandbox.cluster, made, [store])).toEqual([])
})

test('what was said of an ExternalSecret before is told from what comes, also if it is the same again', async () => {
  say('ExternalSecret', 'proof', 'status 401: Invalid bearer token', 1, 'here')
  const history = await historyOf(sandbox.cluster, made)
  expect(await warningsOf(sandbox.cluster, made, [], history)).toEqual([])
  say('ExternalSecret', 'proof', 'status 403: Authorization', 2, 'here')
  expect(await warningsOf(sandbox.cluster, made, [], history)).toEqual(['status 403: Authorization'])
  const again = { type: 'Warning', message: 'status 401: Invalid bearer token', count: 2, lastTimestamp: '2026-01-01T00:03:00Z' }
  const metadata = { name: 'proof.1', namespace: 'here' }
  sandbox.server.store.put({ apiVersion: 'v1', kind: 'Event', metadata, involvedObject: about, ...again }, 'test')
  expect(await warningsOf(sandbox.cluster, made, [], history)).toEqual(['status 401: Invalid bearer token', 'status 403: Authorization'])
})

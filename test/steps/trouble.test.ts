import { afterEach, beforeEach, expect, test } from 'vitest'
import { esoCrds } from '../../src/sandbox/external-secrets/crds.ts'
import type { Part } from '../../src/steps/readiness.ts'
import { troubleOf } from '../../src/steps/trouble.ts'
import type { World } from '../../src/steps/world.ts'
import { type Sandbox, startSandbox } from '../kubernetes/sandbox.ts'

let sandbox: Sandbox
const part: Part = {
  says: 'ClusterSecretStore onepassword',
  isReady: () => false,
  at: { name: 'onepassword' },
  of: { group: 'external-secrets.io', resource: 'clustersecretstores' },
  resource: (cluster) => cluster.resource('external-secrets.io', 'ClusterSecretStore'),
}

beforeEach(async () => {
  sandbox = await startSandbox()
  for (const crd of esoCrds(2, 6, {})) sandbox.server.store.put(crd, 'test')
  const spec = { provider: { onepassword: { vaults: { Private: 1 } } } }
  const metadata = { name: 'onepassword' }
  sandbox.server.store.put({ apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata, spec }, 'test')
  warn('status 401: Invalid bearer token', 1)
  warn('Found 0 vaults with title "Private"', 2)
})
afterEach(() => sandbox.close())

function warn(message: string, minute: number): void {
  const metadata = { name: `event.${minute}`, namespace: 'default' }
  const involvedObject = { kind: 'ClusterSecretStore', name: 'onepassword' }
  const event = { type: 'Warning', message, involvedObject, lastTimestamp: `2026-01-01T00:0${minute}:00Z` }
  sandbox.server.store.put({ apiVersion: 'v1', kind: 'Event', metadata, ...event }, 'test')
}

/** As much of a world as is asked. */
function asking(...vaults: string[]): World {
  const inputs = { vaults: vaults.map((key) => ({ key })) }
  return {
    command: 'init',
    inputs,
    cluster: async () => sandbox.cluster,
    folder: async () => ({}),
    token: async () => undefined,
  } as unknown as World
}

test('a store that names the vaults that were asked for tells what is wrong now, not what was before', async () => {
  expect(await troubleOf(asking('Private'), [part])).toMatchObject({ id: 'vault-not-found' })
})

test('a store that Flux has not changed yet is no judge of the vaults that were asked for', async () => {
  expect(await troubleOf(asking('catalyst-eso'), [part])).toBeUndefined()
  expect(await troubleOf(asking('Private', 'catalyst-eso'), [part])).toBeUndefined()
})

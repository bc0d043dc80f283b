import { afterAll, beforeAll, expect, test } from 'vitest'
import { esoCrds } from '../../src/sandbox/external-secrets/crds.ts'
import { collect } from '../../src/status/collect.ts'
import { openStatusWorld } from '../../src/status/world.ts'
import { type Sandbox, startSandbox } from '../kubernetes/sandbox.ts'

const apiVersion = 'external-secrets.io/v1'
const at = (minute: number) => new Date(Date.UTC(2026, 10, 25, 0, minute)).toISOString()

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ crds: esoCrds(2, 9, {}) })
})
afterAll(() => sandbox?.close())

/** An ExternalSecret in the state that this number gives it: each tenth fails, the higher the number the longer ago. */
function put(number: number): void {
  const failed = number % 10 === 0
  const ready = failed
    ? { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message: 'could not get secret data from provider' }
    : { type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced' }
  sandbox.server.store.put(
    {
      apiVersion,
      kind: 'ExternalSecret',
      metadata: { name: `app-${number}`, namespace: 'default' },
      spec: {
        secretStoreRef: { kind: 'ClusterSecretStore', name: 'onepassword' },
        target: { name: `app-${number}` },
        data: [{ secretKey: 'x', remoteRef: { key: 'y' } }],
      },
      status: { conditions: [{ ...ready, lastTransitionTime: at(5_000 - number) }], ...(!failed && { refreshTime: at(number) }) },
    },
    'operator',
  )
}

function open() {
  const nowhere = { repository: async () => undefined, reached: async () => [] }
  return openStatusWorld(sandbox.cluster, { now: new Date(), signal: new AbortController().signal, ...nowhere }, () => true)
}

test('Ready without a Secret, and not looked at yet, is neither good nor bad', async () => {
  const spec = { secretStoreRef: { name: 'onepassword' }, target: { name: 'x' }, data: [{ secretKey: 'x', remoteRef: { key: 'y' } }] }
  const metadata = (name: string) => ({ name, namespace: 'other' })
  const missing = { type: 'Ready', status: 'True', reason: 'SecretMissing', lastTransitionTime: at(1) }
  const provider = { onepassword: { connectHost: 'http://connect.other.example:8080', vaults: { homelab: 1 } } }
  const { store } = sandbox.server
  store.put({ apiVersion, kind: 'SecretStore', metadata: metadata('onepassword'), spec: { provider } }, 'operator')
  store.put({ apiVersion, kind: 'ExternalSecret', metadata: metadata('merged'), spec, status: { conditions: [missing] } }, 'operator')
  store.put({ apiVersion, kind: 'ExternalSecret', metadata: metadata('fresh'), spec }, 'operator')
  const { externalSecrets } = await collect(open())
  expect(externalSecrets).toEqual({ count: 2, synced: 0, failing: 0, other: 2, elsewhere: 0, worst: [] })
  for (const name of ['merged', 'fresh']) store.remove({ group: 'external-secrets.io', kind: 'ExternalSecret' }, 'other', name)
  sandbox.server.log.length = 0
})

test('a thousand ExternalSecrets are counted page by page, and events are asked for of five', async () => {
  const provider = { onepassword: { connectHost: 'http://connect.other.example:8080', vaults: { homelab: 1 } } }
  sandbox.server.store.put({ apiVersion, kind: 'ClusterSecretStore', metadata: { name: 'onepassword' }, spec: { provider } }, 'operator')
  for (let number = 1; number <= 1_000; number++) put(number)
  const { externalSecrets, problems } = await collect(open())
  expect(externalSecrets).toMatchObject({ count: 1_000, synced: 900, failing: 100, other: 0, oldest: { name: 'default/app-1', at: at(1) } })
  expect(externalSecrets?.worst.map(({ name }) => name)).toEqual([1000, 990, 980, 970, 960].map((number) => `default/app-${number}`))
  expect(problems.find(({ id }) => id === 'not-ready')?.about).toContain('95 more ExternalSecrets that fail')
  const asked = sandbox.server.log.filter(({ verb }) => verb === 'list')
  const pages = asked.filter(({ resource }) => resource.startsWith('externalsecrets'))
  expect(pages.map(({ query }) => new URLSearchParams(query).get('limit'))).toEqual(Array(10).fill('100'))
  expect(asked.filter(({ resource }) => resource === 'events').length).toBe(5)
})

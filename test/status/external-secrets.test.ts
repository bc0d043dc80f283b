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

test('a thousand ExternalSecrets are counted page by page, and events are asked for of five', async () => {
  const provider = { onepassword: { connectHost: 'http://connect.other.example:8080', vaults: { homelab: 1 } } }
  sandbox.server.store.put({ apiVersion, kind: 'ClusterSecretStore', metadata: { name: 'onepassword' }, spec: { provider } }, 'operator')
  for (let number = 1; number <= 1_000; number++) put(number)
  const nowhere = { repository: async () => undefined, reached: async () => [] }
  const world = openStatusWorld(sandbox.cluster, { now: new Date(), signal: new AbortController().signal, ...nowhere }, () => true)
  const { externalSecrets, problems } = await collect(world)
  expect(externalSecrets).toMatchObject({ count: 1_000, synced: 900, failing: 100, other: 0, oldest: { name: 'default/app-1', at: at(1) } })
  expect(externalSecrets?.worst.map(({ name }) => name)).toEqual([1000, 990, 980, 970, 960].map((number) => `default/app-${number}`))
  expect(problems.find(({ id }) => id === 'not-ready')?.about).toContain('95 more ExternalSecrets that fail')
  const asked = sandbox.server.log.filter(({ verb }) => verb === 'list')
  const pages = asked.filter(({ resource }) => resource.startsWith('externalsecrets'))
  expect(pages.map(({ query }) => new URLSearchParams(query).get('limit'))).toEqual(Array(10).fill('100'))
  expect(asked.filter(({ resource }) => resource === 'events').length).toBe(5)
})

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isReady } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { type Flags, said } from '../init/stage.ts'
import { onRequest } from '../init/trip.ts'
import { idsIn, reportIn, statesIn } from './schema.ts'
import { openRotation, type Rotation } from './stage.ts'

let rotation: Rotation
beforeAll(async () => {
  rotation = await openRotation()
})
afterAll(() => rotation?.close())
afterEach(async () => {
  const { store } = rotation.sandbox.api
  for (const { metadata } of store.list(kinds.externalSecret)) store.remove(kinds.externalSecret, metadata.namespace, metadata.name)
  rotation.putExternalSecret('my-app')
  await rotation.sandbox.settled()
})

const only = () => rotation.sandbox.api.store.remove(kinds.externalSecret, 'default', 'my-app')
const annotations = (name: string, namespace?: string) => rotation.externalSecret(name, {}, namespace)?.metadata.annotations ?? {}
const isForced = (name: string, namespace?: string) => 'eso-bootstrap/force-sync' in annotations(name, namespace)

/** With a new token; gives the report, the token, and what was written. */
async function rotate(flags: Flags = {}) {
  const token = await rotation.newToken()
  await rotation.sandbox.settled()
  rotation.writes()
  const report = reportIn(await rotation.rotate({ token: token.path, output: 'json', timeout: '20s', ...flags }))
  return { report, token, writes: rotation.writes(), notes: report.clusters[0]?.steps.flatMap((step) => step.notes).join('\n') }
}

/** Nothing of a throw-away ExternalSecret is left. */
function expectSwept(): void {
  const { store } = rotation.sandbox.api
  const left = [kinds.externalSecret, kinds.secret].flatMap((kind) => store.list(kind)).map(({ metadata }) => metadata.name)
  expect(left.filter((name) => name.startsWith('eso-bootstrap-proof'))).toEqual([])
}

describe('what is forced', () => {
  const generatorRef = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name: 'any' }

  test.each([{}, { all: true } as const])('never what a generator feeds, not even beside values of the store: %j', async (flags) => {
    const { title, field } = rotation.sandbox.item
    rotation.putExternalSecret('generated', { data: undefined, dataFrom: [{ sourceRef: { generatorRef } }] })
    rotation.putExternalSecret('mixed', {
      data: [{ secretKey: 'value', remoteRef: { key: title, property: field } }],
      dataFrom: [{ sourceRef: { generatorRef } }],
    })
    await rotation.sandbox.settled()
    const passwords = () => ['generated', 'mixed'].map((name) => secretValue(rotation.sandbox, name, 'password', 'default'))
    const before = passwords()
    expect(before).not.toContain(undefined)
    const { report, notes, token } = await rotate(flags)
    expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
    expect(rotation.held()).toBe(token.value)
    expect(passwords()).toEqual(before)
    expect([isForced('generated'), isForced('mixed'), isForced('my-app')]).toEqual([false, false, true])
    expect(notes).toContain('Never touched, because a generator would make new passwords: default/generated, default/mixed')
  })

  test.each([
    ['CreatedOnce', { refreshPolicy: 'CreatedOnce' }],
    ['an interval of 0', { refreshInterval: '0s' }],
  ])('where there is only one with %s, a throw-away one reads what it reads', async (_, spec) => {
    only()
    rotation.putExternalSecret('once', spec)
    const { report, token, writes } = await rotate()
    expect(report).toMatchObject({ verdict: 'rotated' })
    expect(report.clusters[0]?.steps.find(({ id }) => id === 'synced')).toMatchObject({
      says: 'my-app-credentials/api-key: came through with the new token',
      changes: [{ action: 'act', what: 'read my-app-credentials/api-key with it, through a throw-away ExternalSecret in default' }],
    })
    expect(rotation.held()).toBe(token.value)
    expect(writes).toContain('create externalsecrets')
    expect(isForced('once')).toBe(false)
    expectSwept()
  })

  test('where there is none at all, the item that --verify-item names, beside the token', async () => {
    only()
    const { report, writes } = await rotate({ 'verify-item': 'my-app-credentials/api-key' })
    expect(report).toMatchObject({ verdict: 'rotated' })
    expect(report.clusters[0]?.steps.find(({ id }) => id === 'synced')?.changes).toEqual([
      { action: 'act', what: 'read my-app-credentials/api-key with it, through a throw-away ExternalSecret in external-secrets' },
    ])
    expect(writes).toContain('create externalsecrets')
    expectSwept()
  })

  test('one of each store that uses the Secret', async () => {
    const own = { secretStoreRef: { kind: 'SecretStore', name: 'onepassword' } }
    rotation.putExternalSecret('beside-connect', own, { namespace: 'external-secrets' })
    rotation.putExternalSecret('another')
    const { report, writes } = await rotate()
    expect(report).toMatchObject({ verdict: 'rotated' })
    expect(writes.filter((each) => each.includes(' externalsecrets/')).toSorted()).toEqual([
      'patch externalsecrets/another',
      'patch externalsecrets/beside-connect',
    ])
    rotation.sandbox.api.store.remove(kinds.externalSecret, 'external-secrets', 'beside-connect')
  })

  test('a store that nobody reads from is validated, and named', async () => {
    const { report, notes, writes } = await rotate()
    expect(report).toMatchObject({ verdict: 'rotated' })
    expect(notes).toContain(
      'No ExternalSecret reads from SecretStore external-secrets/onepassword: that the operator finds it valid has to do.',
    )
    expect(writes).toContain('patch secretstores/onepassword')
  })

  test('--all: every one', async () => {
    const names = Array.from({ length: 40 }, (_, nth) => `worker-${nth}`)
    for (const name of names) rotation.putExternalSecret(name)
    const { report } = await rotate({ all: true })
    expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
    expect(names.filter((name) => !isForced(name))).toEqual([])
    const step = report.clusters[0]?.steps.find(({ id }) => id === 'every-sync')
    expect(step).toMatchObject({ state: 'made', says: '41 ExternalSecrets have synchronised with the new token' })
  })
})

describe('a SecretStore with a Secret of its own, in another namespace', () => {
  beforeAll(async () => {
    const { store } = rotation.sandbox.api
    const found = store.get(kinds.clusterSecretStore, undefined, 'onepassword')
    const { onepassword } = found?.['spec'].provider ?? {}
    const auth = { secretRef: { connectTokenSecretRef: { name: 'bridge', key: 'token' } } }
    const { value } = await rotation.newToken()
    for (const object of [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'Opaque',
        metadata: { name: 'bridge', namespace: 'apps' },
        data: { token: Buffer.from(value).toString('base64') },
      },
      {
        apiVersion: found?.apiVersion ?? '',
        kind: 'SecretStore',
        metadata: { name: 'onepassword', namespace: 'apps' },
        spec: { provider: { onepassword: { ...onepassword, auth } } },
      },
    ])
      store.put(object, 'kubectl-create')
  })
  afterAll(() => rotation.sandbox.api.store.remove(kinds.secretStore, 'apps', 'onepassword'))

  const own = { secretStoreRef: { kind: 'SecretStore', name: 'onepassword' } }

  test('--store names it, and nothing else is touched', async () => {
    rotation.putExternalSecret('in-apps', own, { namespace: 'apps' })
    const before = rotation.held()
    const { report, token, writes } = await rotate({ store: 'apps/onepassword', 'take-ownership': true })
    expect(report).toMatchObject({ verdict: 'rotated', clusters: [{ secret: { namespace: 'apps', name: 'bridge', key: 'token' } }] })
    expect(secretValue(rotation.sandbox, 'bridge', 'token', 'apps')).toBe(token.value)
    expect(rotation.held()).toBe(before)
    expect(writes.filter((each) => /secretstores|externalsecrets/.test(each))).toEqual([
      'patch secretstores/onepassword',
      'patch externalsecrets/in-apps',
    ])
  })

  test('a name alone is the ClusterSecretStore of that name', async () => {
    const before = secretValue(rotation.sandbox, 'bridge', 'token', 'apps')
    const { report, token } = await rotate({ store: 'onepassword' })
    expect(report).toMatchObject({ verdict: 'rotated', clusters: [{ secret: { namespace: 'external-secrets' } }] })
    expect(rotation.held()).toBe(token.value)
    expect(secretValue(rotation.sandbox, 'bridge', 'token', 'apps')).toBe(before)
  })
})

describe('a proof that fails', () => {
  const stores = () => [kinds.clusterSecretStore, kinds.secretStore].flatMap((kind) => rotation.sandbox.api.store.list(kind))

  /** The old token is back in the Secret, and in use. */
  async function expectRestored({ report }: Awaited<ReturnType<typeof rotate>>, before: string | undefined): Promise<void> {
    expect(report).toMatchObject({ verdict: 'failed', replaced: [], clusters: [{ verdict: 'restored' }] })
    expect(statesIn(report)).toMatchObject({ token: 'undone', settled: 'not-reached' })
    expect(rotation.held()).toBe(before)
    await rotation.sandbox.settled()
    expect(stores().filter((each) => !isReady(each))).toEqual([])
    expect(
      rotation.sandbox.api.store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')?.metadata.annotations,
    ).toBeUndefined()
  }

  test('the new token is revoked as it is written: the old one is back, and all is Ready', async () => {
    const before = rotation.held()
    const token = await rotation.newToken()
    const stop = onRequest(rotation, 'patch secrets/onepassword-connect-token', () => rotation.sandbox.account.revoked.add(token.id))
    const ended = await rotate({ token: token.path })
    stop()
    await expectRestored(ended, before)
    expect(statesIn(ended.report)).toMatchObject({ revalidated: 'failed', synced: 'not-reached' })
    expect(ended.report.exitCode).toBe(4)
    expect(idsIn(ended.report)).toEqual(['token-refused'])
    expect(isReady(rotation.externalSecret('my-app'))).toBe(true)
  })

  test('it is revoked when the stores have been validated: the same, and a person is told', async () => {
    const before = rotation.held()
    const token = await rotation.newToken()
    const stop = onRequest(rotation, 'patch externalsecrets/my-app', () => rotation.sandbox.account.revoked.add(token.id))
    const ended = await rotation.rotate({ token: token.path, timeout: '2s' })
    stop()
    expect(ended).toMatchObject({ code: 4, stdout: '' })
    expect(rotation.held()).toBe(before)
    const told = said(ended)
    expect(told).toContain('✖ not reached: values come through with the new token')
    expect(told).toContain('↶ taken back: the token Secret holds the new token')
    expect(told).toContain('✖ Connect refuses the token. It was revoked, has expired, or belongs to another Connect server.')
    expect(told).toContain('The old token is back in the Secret, and the stores have been asked to go on with it.')
    await rotation.sandbox.settled()
    expect([...stores(), rotation.externalSecret('my-app')].filter((each) => !isReady(each))).toEqual([])
  })
})

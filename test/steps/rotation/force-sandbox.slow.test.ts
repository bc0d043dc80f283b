import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../src/kubernetes/client.ts'
import type { Cluster } from '../../../src/kubernetes/cluster.ts'
import type { Resource } from '../../../src/kubernetes/object.ts'
import { addItem, changeField } from '../../../src/sandbox/connect/account.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { forceOne } from '../../../src/steps/rotation/force.ts'
import { forceAll } from '../../../src/steps/rotation/force-all.ts'
import { survey } from '../../../src/steps/rotation/survey.ts'
import { putSecret, secretValue } from '../../sandbox/bootstrap.ts'
import { externalSecret, revalidate, startReady } from '../../sandbox/external-secrets/fixture.ts'

const onepassword = { kind: 'ClusterSecretStore', name: 'onepassword' }
const namespace = 'external-secrets'
const signal = new AbortController().signal
let sandbox: Sandbox
let cluster: Cluster
let resource: Resource
beforeAll(async () => {
  sandbox = await startReady()
  cluster = await connect({ kubeconfig: sandbox.kubeconfigPath, env: {}, home: sandbox.folder, timeout: 10_000 })
  resource = (await cluster.resource('external-secrets.io', 'ExternalSecret')) as Resource
})
afterAll(async () => {
  cluster.close()
  await sandbox.close()
})

function put(name: string, key: string, more: object = {}): void {
  const data = [{ secretKey: 'v', remoteRef: { key, property: 'v' } }]
  const spec = { secretStoreRef: onepassword, data, ...more }
  sandbox.api.store.put({ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name, namespace }, spec }, 'a-person')
}
const value = (name: string) => secretValue(sandbox, name, 'v')
const item = (title: string) => addItem(sandbox.account.vaults[0] ?? expect.fail(), { title, fields: [['v', 'old']] })

describe('with an operator', () => {
  it('a few hundred have the new value, and those that must not be touched the old one', async () => {
    const shared = item('shared')
    const names = Array.from({ length: 200 }, (_, nth) => `many-${nth}`)
    for (const name of names) put(name, 'shared')
    put('created-once', 'shared', { refreshPolicy: 'CreatedOnce' })
    put('never', 'shared', { refreshInterval: '0' })
    const generatorRef = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name: 'any' }
    put('generated', 'shared', { dataFrom: [{ sourceRef: { generatorRef } }] })
    put('broken', 'there is no such item')
    await sandbox.settled()
    const password = secretValue(sandbox, 'generated', 'password')
    expect(password).toBeDefined()
    changeField(shared, 'v', 'new')

    const found = await survey(cluster, [onepassword], signal)
    // The broken one is among them, and one of the seed's.
    expect(found).toMatchObject({ forceable: 202, unforced: { generator: 1, 'created-once': 1, 'never-refreshed': 1 }, notReady: 1 })
    const total = found?.forceable ?? 0
    const forced = await forceAll(cluster, resource, { stores: [onepassword], except: [], total, tell: () => {}, signal })

    expect(forced).toEqual({ synced: 201, skipped: 3, wereFailing: { count: 1, names: [`${namespace}/broken`] } })
    expect(new Set(names.map(value))).toEqual(new Set(['new']))
    expect([value('created-once'), value('never'), value('generated')]).toEqual(['old', 'old', 'old'])
    expect(secretValue(sandbox, 'generated', 'password')).toBe(password)
  })

  it('one has its new value at the moment when it is proven', async () => {
    const own = item('one')
    put('one', 'one')
    await sandbox.settled()
    changeField(own, 'v', 'new')
    await forceOne(cluster, resource, { namespace, name: 'one' }, { signal, deadline: 10_000 })
    expect(value('one')).toBe('new')
  })

  it('one waits for its store to be Ready', async () => {
    item('gated')
    put('gated', 'gated')
    await sandbox.settled()
    const vaults = sandbox.account.vaults.map(({ id }) => ({ id }))
    const before = externalSecret(sandbox, 'gated')['status'].syncedResourceVersion
    putSecret(sandbox, 'onepassword-connect-token', 'token', 'not.a.token')
    await revalidate(sandbox)
    const forced = forceOne(cluster, resource, { namespace, name: 'gated' }, { signal, deadline: 30_000 })
    await sandbox.settled()
    expect(externalSecret(sandbox, 'gated')['status'].syncedResourceVersion).toBe(before)
    putSecret(sandbox, 'onepassword-connect-token', 'token', sandbox.access.mint({ vaults }).reveal())
    await revalidate(sandbox)
    await forced
    expect(externalSecret(sandbox, 'gated')['status'].syncedResourceVersion).not.toBe(before)
  })
})

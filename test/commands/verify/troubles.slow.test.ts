import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { idOf } from '../rotate/stage.ts'
import { openVerifying, type Verifying } from './stage.ts'

let at: Verifying
beforeAll(async () => {
  at = await openVerifying()
  at.add({ title: 'twice', fields: [['password', 'one']] })
  at.add({ title: 'twice', fields: [['password', 'other']] })
  at.add({ title: 'two-labels', fields: [['password', 'one'], ['password', 'other']] }) // biome-ignore format: a field a word
  at.add({ title: 'nothing', fields: [['password', '']] })
})
afterAll(() => at?.close())
afterEach(() => expect(at.traces()).toEqual([]))

describe('what stands in the way is named', () => {
  test.each([
    ['an item that is not there', 'missing', 'item-not-found', 'No item "missing" is in the vaults that the store reads.'],
    ['an item that is there twice', 'twice', 'item-ambiguous', '2 items in one vault have the title "twice".'],
    [
      'a label that is there twice',
      'two-labels',
      'field-not-found',
      'The item "two-labels" has 2 fields with the label "password"; there must be one.',
    ],
    [
      'a label that is not there',
      'my-app-credentials/key',
      'field-not-found',
      'The item "my-app-credentials" has 0 fields with the label "key"; there must be one.',
    ],
    ['a value that is empty', 'nothing', 'proof-empty', 'nothing/password came through, but it is empty.'],
  ])('%s', async (_, item, id, what) => {
    const report = await at.report({ item, timeout: '300ms' })
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 3, stores: [{ verdict: 'failed', errors: [{ id, what }] }] })
    expect(report.stores[0]?.errors[0]?.fix.join('\n')).not.toContain('--verify-item')
  })

  test('a token that was taken back', async () => {
    const id = idOf(at.held() ?? '')
    at.sandbox.account.revoked.add(id)
    onTestFinished(() => void at.sandbox.account.revoked.delete(id))
    const [human, report] = await Promise.all([at.verify({ timeout: '300ms' }), at.report({ timeout: '300ms' })])
    expect(report).toMatchObject({ exitCode: 3, stores: [{ errors: [{ id: 'token-refused' }] }] })
    expect(human).toMatchObject({ code: 3, stdout: '' })
    expect(human.stderr).toContain('Not proven: ClusterSecretStore onepassword\n✖ Connect refuses the token.')
    expect(human.stderr).toContain('→ eso-bootstrap rotate-token --token <source>')
  })

  test('a store that is not Ready; another one is proven all the same', async () => {
    const { store } = at.sandbox.api
    const found = store.get(kinds.clusterSecretStore, undefined, 'onepassword')
    const { onepassword } = found?.['spec'].provider ?? {}
    const spec = { provider: { onepassword: { ...onepassword, vaults: { Elsewhere: 1 } } } }
    store.put({ apiVersion: found?.apiVersion ?? '', kind: 'ClusterSecretStore', metadata: { name: 'broken' }, spec }, 'a-person')
    await at.sandbox.settled()
    onTestFinished(async () => {
      store.remove(kinds.clusterSecretStore, undefined, 'broken')
      await at.sandbox.settled()
    })
    const report = await at.report({ store: undefined, 'all-stores': true, timeout: '1s' })
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 3 })
    expect(report.stores.map(({ store, verdict, errors }) => [store, verdict, errors.map(({ id }) => id)])).toEqual([
      ['ClusterSecretStore broken', 'failed', ['vault-not-found']],
      ['ClusterSecretStore onepassword', 'proven', []],
      ['SecretStore external-secrets/onepassword', 'proven', []],
    ])
  })

  test('a store of which nothing is said, and an operator that does nothing', async () => {
    const { store } = at.sandbox.api
    const operator = store.get(kinds.deployment, 'external-secrets', 'external-secrets')
    if (operator === undefined) throw new Error('the sandbox has no operator')
    store.put({ ...operator, spec: { ...operator['spec'], replicas: 0 } }, 'a-person')
    await at.sandbox.settled()
    onTestFinished(async () => {
      store.put({ ...operator, metadata: { ...operator.metadata, resourceVersion: '' } }, 'a-person')
      await at.sandbox.settled()
    })
    const idle = await at.report({ timeout: '200ms' })
    expect(idle).toMatchObject({ exitCode: 3, stores: [{ errors: [{ id: 'value-not-arrived' }] }] })
    const found = store.get(kinds.clusterSecretStore, undefined, 'onepassword')
    store.put(
      { ...found, apiVersion: found?.apiVersion ?? '', kind: 'ClusterSecretStore', metadata: { name: 'new' }, status: {} },
      'a-person',
    )
    onTestFinished(() => store.remove(kinds.clusterSecretStore, undefined, 'new'))
    const unseen = await at.report({ store: 'new', timeout: '200ms' })
    expect(unseen).toMatchObject({
      exitCode: 3,
      stores: [{ errors: [{ id: 'store-not-ready', what: 'ClusterSecretStore new is not Ready.' }] }],
    })
  })
})

describe('what is not clear is refused, and nothing is written', () => {
  test.each([
    ['no item', { item: undefined }, 'missing-input', '--item <title>[/field] (ESO_BOOTSTRAP_ITEM)'],
    ['several stores', { store: undefined }, 'several-stores', 'eso-bootstrap verify --store external-secrets/onepassword'],
    ['a store that is not there', { store: 'twopassword' }, 'store-unknown', 'eso-bootstrap verify --store onepassword'],
    [
      'a SecretStore from elsewhere',
      { store: 'external-secrets/onepassword', namespace: 'default' },
      'store-elsewhere',
      'eso-bootstrap verify --store external-secrets/onepassword',
    ],
    ['one store and all', { 'all-stores': true }, 'usage', 'eso-bootstrap verify --help'],
    ['a change through all stores', { store: undefined, 'all-stores': true, refresh: true }, 'usage', 'eso-bootstrap verify --help'],
    ['another cluster', { 'expect-cluster': 'production' }, 'other-cluster', 'kubectl config get-contexts'],
    ['a namespace that can’t be one', { namespace: 'No Such' }, 'usage', 'eso-bootstrap verify --help'],
  ] as const)('%s', async (_, flags, id, fix) => {
    at.requests()
    const report = await at.report(flags)
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 2, errors: [{ id }] })
    expect(report.errors[0]?.fix.join('\n')).toContain(fix)
    expect(at.writes().filter((each) => !each.includes('selfsubjectaccessreviews'))).toEqual([])
  })

  test('no store at all', async () => {
    const { store } = at.sandbox.api
    const stores = [...store.list(kinds.clusterSecretStore), ...store.list(kinds.secretStore)]
    for (const { kind, metadata } of stores)
      store.remove(kind === 'SecretStore' ? kinds.secretStore : kinds.clusterSecretStore, metadata.namespace, metadata.name)
    onTestFinished(() => {
      for (const object of stores) store.put({ ...object, metadata: { ...object.metadata, resourceVersion: '' } }, 'a-person')
    })
    const what = 'No store in this cluster reads 1Password through Connect, so there is nothing to verify.'
    expect(await at.report({ store: undefined })).toMatchObject({ exitCode: 3, errors: [{ id: 'no-store', what }] })
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { addItem, addVault, changeField } from '../../../src/sandbox/connect/account.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { ready, secretValue } from '../bootstrap.ts'
import { externalSecret, putExternalSecret, startReady, touch, warnings } from './fixture.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startReady()
})
afterAll(() => sandbox.close())

const vault = () => sandbox.account.vaults[0] ?? addVault(sandbox.account, 'never')
const one = (secretKey: string, key: string, property?: string) => ({
  data: [{ secretKey, remoteRef: { key, ...(property && { property }) } }],
})
const readyOf = (name: string) => ready(sandbox, kinds.externalSecret, name, 'external-secrets')

test('a title and a label', async () => {
  addItem(vault(), { title: 'bytes', fields: [['value', 'ünïcode\nand a line ']] })
  await putExternalSecret(sandbox, { name: 'bytes', spec: one('v', 'bytes', 'value') })
  expect(secretValue(sandbox, 'bytes', 'v')).toBe('ünïcode\nand a line ')
})

test('without a property it is the field password; all fields come with extract', async () => {
  addItem(vault(), {
    title: 'login',
    fields: [
      ['username', 'me'],
      ['password', 'secret'],
    ],
  })
  await putExternalSecret(sandbox, { name: 'login', spec: { ...one('p', 'login'), dataFrom: [{ extract: { key: 'login' } }] } })
  const secret = sandbox.api.store.get(kinds.secret, 'external-secrets', 'login')
  expect(secret?.['data']).toEqual({ p: btoa('secret'), username: btoa('me'), password: btoa('secret') })
})

test('an item by its id, and a file', async () => {
  const item = addItem(vault(), { title: 'doc', category: 'DOCUMENT', files: { 'tls.key': 'KEY' } })
  await putExternalSecret(sandbox, { name: 'doc', spec: one('k', item.id, 'tls.key') })
  expect(secretValue(sandbox, 'doc', 'k')).toBe('KEY')
})

test.each([
  ['no such item', 'missing', 'x', 'key not found in 1Password Vaults: missing in: map[catalyst-eso:1]'],
  ['no such field', 'my-app-credentials', 'x', "expected one 1Password ItemField matching: 'x' in 'my-app-credentials', got 0"],
  ['another case', 'my-app-credentials', 'API-KEY', "expected one 1Password ItemField matching: 'API-KEY' in 'my-app-credentials', got 0"],
])('%s', async (name, key, property, message) => {
  const id = name.replaceAll(' ', '-')
  await putExternalSecret(sandbox, { name: id, spec: one('v', key, property) })
  expect(readyOf(id)).toBe('False SecretSyncedError: could not get secret data from provider')
  expect(warnings(sandbox, id)).toEqual([message])
  expect(secretValue(sandbox, id, 'v')).toBeUndefined()
})

test('a label or a title that comes twice is refused', async () => {
  addItem(vault(), {
    title: 'twins',
    fields: [
      ['x', '1'],
      ['x', '2'],
    ],
  })
  await putExternalSecret(sandbox, { name: 'twins', spec: one('v', 'twins', 'x') })
  expect(warnings(sandbox, 'twins')).toEqual(["expected one 1Password ItemField matching: 'x' in 'twins', got 2"])
  addItem(vault(), { title: 'twins' })
  await putExternalSecret(sandbox, { name: 'titles', spec: one('v', 'twins', 'x') })
  expect(warnings(sandbox, 'titles')).toEqual(["expected one 1Password Item matching: 'twins', got 2"])
})

test('owns its Secret: labels, owner, and it goes with its ExternalSecret', async () => {
  await putExternalSecret(sandbox, {
    name: 'owned',
    spec: { ...one('v', sandbox.item.title, sandbox.item.field), target: { name: 'target' } },
  })
  const secret = sandbox.api.store.get(kinds.secret, 'external-secrets', 'target')
  expect(secret?.metadata.labels).toMatchObject({ 'reconcile.external-secrets.io/managed': 'true' })
  expect(secret?.metadata.ownerReferences).toMatchObject([
    { kind: 'ExternalSecret', name: 'owned', uid: externalSecret(sandbox, 'owned').metadata.uid },
  ])
  expect(externalSecret(sandbox, 'owned')['status']).toMatchObject({
    binding: { name: 'target' },
    refreshTime: expect.stringMatching(/^\d{4}-.*Z$/),
    syncedResourceVersion: expect.stringMatching(/^1-[0-9a-f]{56}$/),
  })
  sandbox.api.store.remove(kinds.externalSecret, 'external-secrets', 'owned')
  await sandbox.settled()
  expect(sandbox.api.store.get(kinds.secret, 'external-secrets', 'target')).toBeUndefined()
})

test('a new value comes with a forced sync, not by itself', async () => {
  const item = addItem(vault(), { title: 'changing', fields: [['v', 'old']] })
  await putExternalSecret(sandbox, { name: 'changing', spec: one('v', 'changing', 'v') })
  changeField(item, 'v', 'new')
  await sandbox.settled()
  expect(secretValue(sandbox, 'changing', 'v')).toBe('old')
  touch(sandbox, externalSecret(sandbox, 'changing'), { 'force-sync': '1' })
  await sandbox.settled()
  expect(secretValue(sandbox, 'changing', 'v')).toBe('new')
})

test.each([{ refreshPolicy: 'CreatedOnce' }, { refreshInterval: '0s' }, { refreshInterval: '0' }])(
  '%o ignores a forced sync',
  async (rule) => {
    const name = `once-${JSON.stringify(rule).length}-${'refreshPolicy' in rule}`
    const item = addItem(vault(), { title: name, fields: [['v', 'old']] })
    await putExternalSecret(sandbox, { name, spec: { ...one('v', name, 'v'), ...rule } })
    changeField(item, 'v', 'new')
    touch(sandbox, externalSecret(sandbox, name), { 'force-sync': '1' })
    await sandbox.settled()
    expect(secretValue(sandbox, name, 'v')).toBe('old')
  },
)

test('a Secret that somebody deleted or changed is written again', async () => {
  await putExternalSecret(sandbox, { name: 'kept', spec: one('v', sandbox.item.title, sandbox.item.field) })
  const { store } = sandbox.api
  store.remove(kinds.secret, 'external-secrets', 'kept')
  await sandbox.settled()
  const secret = store.get(kinds.secret, 'external-secrets', 'kept')
  expect(secretValue(sandbox, 'kept', 'v')).toBe(sandbox.item.value)
  if (secret) store.put({ ...secret, data: { v: btoa('by hand') } }, 'a-person')
  await sandbox.settled()
  expect(secretValue(sandbox, 'kept', 'v')).toBe(sandbox.item.value)
})

test('Merge writes into a Secret that is there, and makes none', async () => {
  const spec = { ...one('v', sandbox.item.title, sandbox.item.field), target: { name: 'merged', creationPolicy: 'Merge' } }
  await putExternalSecret(sandbox, { name: 'merged', spec })
  expect(readyOf('merged')).toMatch(/^True SecretMissing/)
  const { store } = sandbox.api
  store.put(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'merged', namespace: 'external-secrets' }, data: { mine: btoa('x') } },
    'a-person',
  )
  touch(sandbox, externalSecret(sandbox, 'merged'), { 'force-sync': '1' })
  await sandbox.settled()
  expect(store.get(kinds.secret, 'external-secrets', 'merged')?.['data']).toEqual({ mine: btoa('x'), v: btoa(sandbox.item.value) })
})

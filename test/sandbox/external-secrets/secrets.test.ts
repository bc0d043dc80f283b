import { request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addItem, addVault, changeField } from '../../../src/sandbox/connect/account.ts'
import { resourceVersionOf } from '../../../src/sandbox/external-secrets/refresh.ts'
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
  expect(warnings(sandbox, id)).toEqual([`error processing spec.data[0] (key: ${key}), err: ${message}`])
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
  expect(warnings(sandbox, 'twins')).toEqual([
    "error processing spec.data[0] (key: twins), err: expected one 1Password ItemField matching: 'x' in 'twins', got 2",
  ])
  addItem(vault(), { title: 'twins' })
  await putExternalSecret(sandbox, { name: 'titles', spec: one('v', 'twins', 'x') })
  expect(warnings(sandbox, 'titles')).toEqual([
    "error processing spec.data[0] (key: twins), err: expected one 1Password Item matching: 'twins', got 2",
  ])
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

test('a generator makes another password with each refresh', async () => {
  const generatorRef = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'Password', name: 'any' }
  const spec = { refreshInterval: '1h', dataFrom: [{ sourceRef: { generatorRef } }] }
  await putExternalSecret(sandbox, { name: 'generated', spec })
  const first = secretValue(sandbox, 'generated', 'password')
  expect(first).toMatch(/^[\w+/]{24}$/)
  await sandbox.settled()
  expect(secretValue(sandbox, 'generated', 'password')).toBe(first)
  touch(sandbox, externalSecret(sandbox, 'generated'), { 'force-sync': '1' })
  await sandbox.settled()
  expect(secretValue(sandbox, 'generated', 'password')).not.toBe(first)
})

test('what was read before a change is no status of what came after', async () => {
  const item = addItem(vault(), { title: 'slow', fields: [['v', 'old']] })
  await putExternalSecret(sandbox, { name: 'slow', spec: one('v', 'slow', 'v') })
  const before = externalSecret(sandbox, 'slow')['status'].syncedResourceVersion
  const synced: string[] = []
  const stop = sandbox.api.store.onChange(({ object }) => {
    if (object.metadata.name === 'slow' && object.kind === 'ExternalSecret') synced.push(object['status'].syncedResourceVersion)
  })
  touch(sandbox, externalSecret(sandbox, 'slow'), { 'force-sync': '1' })
  // The operator is asking Connect by the next turn.
  await new Promise((resolve) => setImmediate(resolve))
  changeField(item, 'v', 'new')
  touch(sandbox, externalSecret(sandbox, 'slow'), { 'force-sync': '2' })
  await sandbox.settled()
  stop()
  const after = externalSecret(sandbox, 'slow')['status'].syncedResourceVersion
  expect([...new Set(synced)]).toEqual([before, after])
  expect(secretValue(sandbox, 'slow', 'v')).toBe('new')
})

test('the version that was synchronised is the operator’s own digest', () => {
  const version = (metadata: object) => resourceVersionOf({ apiVersion: 'v1', kind: 'X', metadata: { name: 'a', ...metadata } })
  // By a Go program with the operator's own lines.
  expect(version({ generation: 3, annotations: { b: '2', a: '1' }, labels: { x: 'y' } })).toBe(
    '3-6ee08b1e6308371322db46ffd6e44d85577c0ba431e835c152bee5bc',
  )
  expect(version({ generation: 1 })).toBe('1-f47fe3c0b255b6dd8047cdffa772587bb829efe7a1cb70febeda2eb2')
})

test('a Secret of another ExternalSecret is left alone, for good', async () => {
  const spec = one('v', sandbox.item.title, sandbox.item.field)
  await putExternalSecret(sandbox, { name: 'first', spec: { ...spec, target: { name: 'contended' } } })
  await putExternalSecret(sandbox, { name: 'second', spec: { ...spec, target: { name: 'contended' } } })
  expect(readyOf('second')).toBe('False SecretSyncedError: target is owned by another ExternalSecret')
  expect(warnings(sandbox, 'second')).toEqual(['unable to mutate secret contended: secret is owned by another ExternalSecret: first'])
})

test('deleted, it takes its Secret along where that is its policy, and then it is gone itself', async () => {
  const spec = { ...one('v', sandbox.item.title, sandbox.item.field), target: { deletionPolicy: 'Delete' } }
  await putExternalSecret(sandbox, { name: 'held', spec })
  expect(externalSecret(sandbox, 'held').metadata.finalizers).toEqual(['externalsecrets.external-secrets.io/externalsecret-cleanup'])
  const path = '/apis/external-secrets.io/v1/namespaces/external-secrets/externalsecrets/held'
  const headers = { authorization: `Bearer ${sandbox.api.token()}` }
  await new Promise<void>((resolve) => {
    request(sandbox.api.url + path, { method: 'DELETE', headers, ca: sandbox.api.ca, agent: false }, (response) => {
      response.resume().once('end', resolve)
    }).end()
  })
  await sandbox.settled()
  expect(sandbox.api.store.get(kinds.externalSecret, 'external-secrets', 'held')).toBeUndefined()
  expect(secretValue(sandbox, 'held', 'v')).toBeUndefined()
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

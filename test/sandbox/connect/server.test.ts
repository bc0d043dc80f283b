import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AccountModel, addItem, addVault } from '../../../src/sandbox/connect/account.ts'
import { type ConnectAccess, createConnectAccess } from '../../../src/sandbox/connect/identity.ts'
import { type ConnectServer, startConnect } from '../../../src/sandbox/connect/server.ts'
import { makeToken, type TokenOptions } from '../../../src/sandbox/credentials.ts'

let account: AccountModel
let access: ConnectAccess
let server: ConnectServer
let logged: string[]

beforeEach(async () => {
  access = createConnectAccess('account')
  account = { servers: [access.identity], vaults: [], revoked: new Set() }
  addItem(addVault(account, 'Home Lab'), { title: 'wifi', fields: [['password', 'over the air']], files: { 'key.pem': 'bytes' } })
  addVault(account, 'Private')
  logged = []
  server = await startConnect({ account, session: { server: access.identity }, log: (_, line) => logged.push(line) })
})
afterEach(() => server.close())

const vault = (index = 0) => account.vaults[index]?.id ?? ''
const token = (options: TokenOptions = {}) => access.mint({ vaults: [{ id: vault() }], ...options }).reveal()

/** The token with another vault written into it, under the old signature. */
function withVault(signed: string, id: string): string {
  const [header, payload = '', signature] = signed.split('.')
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), '1password.com/vts': [{ u: id, a: 48 }] }
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
}

async function get(path: string, bearer: string | undefined = token(), method = 'GET') {
  const response = await fetch(server.url + path, { method, headers: bearer ? { Authorization: `Bearer ${bearer}` } : {} })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
}

test('lists the vaults that the token covers, and no other', async () => {
  const { status, body, headers } = await get('/v1/vaults')
  expect(status).toBe(200)
  expect(body).toMatchObject([{ id: vault(), name: 'Home Lab', items: 1 }])
  expect(headers.get('1Password-Connect-Version')).toBe('1.8.2')
})

test.each(['title', 'name'])('finds a vault by %s', async (attribute) => {
  const found = async (text: string) => (await get(`/v1/vaults?filter=${encodeURIComponent(text).replaceAll('%20', '+')}`)).body
  expect(await found(`${attribute} eq "Home Lab"`)).toHaveLength(1)
  expect(await found(`${attribute} eq "Home"`)).toHaveLength(0)
  expect(await found(`${attribute} co "Home"`)).toHaveLength(1)
})

test('refuses a filter that isn’t one', async () => {
  expect(await get(`/v1/vaults?filter=${encodeURIComponent("title eq 'x'")}`)).toMatchObject({ status: 400, body: { status: 400 } })
})

test('reads an item by its title and id, and the content of its file', async () => {
  const [summary] = (await get(`/v1/vaults/${vault()}/items?filter=title+eq+%22wifi%22`)).body
  expect(summary).toMatchObject({ title: 'wifi', vault: { id: vault() } })
  expect(summary.fields).toBeUndefined()
  const { body } = await get(`/v1/vaults/${vault()}/items/${summary.id}`)
  expect(body.fields).toMatchObject([{ label: 'password', value: 'over the air' }])
  expect((await get(body.files[0].content_path)).body).toBe('bytes')
  expect((await get(`/v1/vaults/${vault()}/items/${summary.id}/files?inline_files=true`)).body[0].content).toBe(btoa('bytes'))
})

test('tells what is out of scope from what isn’t there', async () => {
  expect(await get(`/v1/vaults/${vault(1)}`)).toMatchObject({ status: 403, body: { message: `vault ${vault(1)} is not in scope` } })
  expect(await get('/v1/vaults/nowhere')).toMatchObject({ status: 404, body: { message: 'vault nowhere not found' } })
  expect(await get(`/v1/vaults/${vault()}/items/nothing`)).toMatchObject({ status: 404, body: { message: 'item nothing not found' } })
})

test('writes nothing', async () => {
  const message = `token does not have permission to perform create on vault ${vault()}`
  expect(await get(`/v1/vaults/${vault()}/items`, token(), 'POST')).toMatchObject({ status: 403, body: { message } })
})

test.each<[string, () => string, string]>([
  ['signed by nobody’s key', () => makeToken({ server: access.identity.id }).reveal(), 'Invalid token signature'],
  ['expired', () => token({ expires: new Date(Date.now() - 1000) }), 'Invalid bearer token'],
  ['for another server', () => token({ server: 'another' }), 'Invalid bearer token'],
  ['for another audience', () => token({ audience: ['com.example'] }), 'Invalid bearer token'],
  ['cut off', () => token().slice(0, 83), 'Invalid bearer token'],
  ['given another payload', () => withVault(token(), 'x'), 'Invalid token signature'],
])('a token that is %s gets 401', async (_, made, message) => {
  expect(await get('/v1/vaults', made())).toMatchObject({ status: 401, body: { status: 401, message } })
  expect(logged).toHaveLength(1)
})

test('a token that was revoked gets 401', async () => {
  account.revoked.add('known')
  expect((await get('/v1/vaults', token({ id: 'known' }))).status).toBe(401)
  expect((await get('/v1/vaults', token({ id: 'other' }))).status).toBe(200)
})

test('is healthy before and after the first valid token, and says which', async () => {
  expect((await get('/heartbeat', '')).body).toBe('.')
  const sync = async () => (await get('/health', '')).body.dependencies.find((each: { service: string }) => each.service === 'sync').status
  expect(await sync()).toBe('TOKEN_NEEDED')
  await get('/v1/vaults')
  expect(await sync()).toBe('ACTIVE')
})

test('remembers who read what', async () => {
  const id = account.vaults[0]?.items[0]?.id
  await get(`/v1/vaults/${vault()}/items/${id}`, token({ id: 'reader' }))
  const { body, headers } = await get('/v1/activity?limit=1')
  expect(body).toMatchObject([{ action: 'READ', result: 'SUCCESS', actor: { jti: 'reader' }, resource: { type: 'ITEM', item: { id } } }])
  expect(headers.get('Content-Range')).toBe('1-1/1')
})

test('runs with credentials that it can’t read, and answers 500', async () => {
  const broken = await startConnect({ account, session: { log: 'illegal base64 data' }, log: (_, line) => logged.push(line) })
  expect((await fetch(`${broken.url}/health`)).status).toBe(200)
  const response = await fetch(`${broken.url}/v1/vaults`, { headers: { Authorization: `Bearer ${token()}` } })
  expect(response.status).toBe(500)
  expect(logged).toEqual(['illegal base64 data'])
  await broken.close()
})

test('while the vaults are being fetched, all that is asked is answered with 500', async () => {
  const syncing = await startConnect({ account, session: { server: access.identity }, syncing: 200 })
  const ask = async () => (await fetch(`${syncing.url}/v1/vaults`, { headers: { Authorization: `Bearer ${token()}` } })).status
  const began = Date.now()
  expect(await ask()).toBe(500)
  await expect.poll(ask).toBe(200)
  expect(Date.now() - began).toBeGreaterThanOrEqual(200)
  await syncing.close()
})

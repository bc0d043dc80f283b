import { describe, expect, test } from 'vitest'
import type { Reply } from '../../src/onepassword/connect.ts'
import { readValue } from '../../src/onepassword/connect-value.ts'
import { recognise } from '../../src/onepassword/troubles.ts'
import { type AccountModel, addItem, addVault, type Vault } from '../../src/sandbox/connect/account.ts'
import { route } from '../../src/sandbox/connect/routes.ts'

const account: AccountModel = { servers: [], vaults: [], revoked: new Set() }
const [first, second, hidden] = ['first', 'Zoë & Söhne "2"', 'hidden'].map((title) => addVault(account, title)) as [Vault, Vault, Vault]
const put = (vault: Vault, title: string, value: string, more: object = {}) =>
  addItem(vault, { title, fields: [['password', value], ['api key', `${value}-key`]], ...more }) // biome-ignore format: a field a word
put(first, 'both', 'of-the-first')
put(second, 'both', 'of-the-second')
put(second, 'a/b & c', 'of-the-second')
put(first, 'twice', 'one')
put(first, 'twice', 'other')
addItem(first, { title: 'labels', fields: [['password', 'one'], ['password', 'other']] }) // biome-ignore format: a field a word
const byId = put(second, 'by its id', 'found')
const document = addItem(first, { title: 'document', category: 'DOCUMENT', files: { password: 'content' } })

const bearer = { account: '', id: '', vaults: [first.id, second.id] }

/** What the sandbox's Connect answers, and what was asked. */
function connect(change: (path: string, reply: Reply) => Reply = (_, reply) => reply) {
  const asked: string[] = []
  const get = async (path: string): Promise<Reply> => {
    asked.push(path)
    const { status, body } = route({ account, bearer, url: new URL(path, 'http://connect'), method: 'GET', userAgent: '', activity: [] })
    return change(
      path,
      status === 200 ? { is: 'json', body: JSON.parse(JSON.stringify(body)) } : { is: status === 404 ? 'missing' : 'refused', status },
    )
  }
  return { asked, get }
}

const vaults = [
  { key: second.title, order: 20 },
  { key: first.title, order: 3 },
]
const read = (item: string, field = 'password', over: readonly { key: string; order: number }[] = vaults, { get } = connect()) =>
  readValue(get, { vaults: over, item, field })

async function revealed(...args: Parameters<typeof read>): Promise<unknown> {
  const found = await read(...args)
  return found.is === 'value' ? found.value.reveal() : found
}

describe('as the operator finds it', () => {
  test.each([
    ['the vaults are read in their order', 'both', 'of-the-first'],
    ['what is not in one is looked for in the next', 'a/b & c', 'of-the-second'],
  ])('%s', async (_, item, value) => expect(await revealed(item)).toBe(value))

  test('a vault may be named by its id, a field by a label with a space', async () => {
    expect(await revealed('both', 'api key', [{ key: second.id, order: 1 }])).toBe('of-the-second-key')
  })

  test('an id is looked up in the first vault alone', async () => {
    expect(await revealed(byId.id, 'password', [{ key: second.id, order: 1 }])).toBe('found')
    const { asked, get } = connect()
    expect(await read(byId.id, 'password', vaults, { asked, get })).toMatchObject({
      is: 'trouble',
      says: expect.stringContaining('key not found'),
    })
    expect(asked.filter((path) => path.includes(second.id))).toEqual([])
  })

  test('what looks like an id may be a title', async () => {
    put(first, 'abcdefghijklmnopqrstuvwxyz', 'a-title')
    expect(await revealed('abcdefghijklmnopqrstuvwxyz')).toBe('a-title')
  })

  test('it tells when it was changed', async () => {
    expect(await read('both')).toMatchObject({ changed: new Date(first.items[0]?.updatedAt ?? '') })
  })

  test('the file of a document is none of its business', async () => {
    expect([document.title, await read('document')]).toEqual(['document', { is: 'document' }])
  })
})

describe('what is wrong is said so that its cause is known', () => {
  test.each([
    ['missing', 'password', vaults, 'item-not-found'],
    ['twice', 'password', vaults, 'item-ambiguous'],
    ['labels', 'password', vaults, 'field-not-found'],
    ['both', 'nothing', vaults, 'field-not-found'],
    ['both', 'password', [{ key: 'Elsewhere', order: 1 }], 'vault-not-found'],
    ['both', 'password', [{ key: hidden.id, order: 1 }], 'vault-not-in-scope'],
  ])('%s/%s', async (item, field, over, id) => {
    const found = await read(item, field, over)
    expect(found).toEqual({ is: 'trouble', says: expect.any(String) })
    expect('says' in found && recognise([found.says])?.id).toBe(id)
  })

  test.each([
    [{ is: 'refused', status: 401 }, 'token-refused'],
    [{ is: 'failing', status: 503 }, 'connect-failing'],
  ] as const)('%j', async (reply, id) => {
    const found = await read(
      'both',
      'password',
      vaults,
      connect(() => reply),
    )
    expect('says' in found && recognise([found.says])?.id).toBe(id)
  })
})

test.each([
  ['a page', { is: 'not-connect' }],
  ['no list', { is: 'json', body: {} }],
  ['a list of nothing', { is: 'json', body: [null] }],
  ['ids that would lead elsewhere', { is: 'json', body: [{ id: '../../activity' }] }],
] as const)('%s is no answer of Connect', async (_, reply) => {
  expect(
    await read(
      'both',
      'password',
      vaults,
      connect(() => reply),
    ),
  ).toEqual({ is: 'not-connect' })
})

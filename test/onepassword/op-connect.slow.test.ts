import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseCredentials } from '../../src/onepassword/credentials.ts'
import { type OpConnect, opConnect } from '../../src/onepassword/op-connect.ts'
import type { OpOptions } from '../../src/onepassword/op-run.ts'
import { withoutSources } from '../../src/onepassword/source.ts'
import { parseToken } from '../../src/onepassword/token.ts'
import { type AccountModel, addItem, addVault, type Vault } from '../../src/sandbox/connect/account.ts'
import { type ConnectAccess, createConnectAccess } from '../../src/sandbox/connect/identity.ts'
import { checkToken } from '../../src/sandbox/connect/token.ts'
import { Secret } from '../../src/secret.ts'
import { findCanary, makeCredentials, makeToken } from '../canary.ts'
import { says } from '../op-answers.ts'
import { type OpStandIn, startOpStandIn, wrong } from '../op-stand-in.ts'
import { failureOf } from './failure-of.ts'

let folder = ''
let account: AccountModel
let access: ConnectAccess
let vault: Vault
let op: OpStandIn
/** What is secret in this account, and must be seen nowhere. */
let secrets: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'op-connect-'))
  access = createConnectAccess('account')
  account = { servers: [access.identity], vaults: [], revoked: new Set() }
  vault = addVault(account, 'catalyst-eso')
  addVault(account, 'Home lab')
  op = await startOpStandIn({ folder, account, access })
  secrets = [access.credentials.reveal()]
})
afterEach(async () => {
  vi.useRealTimers()
  await op.close()
  await rm(folder, { recursive: true })
})

const environment = (more: Record<string, string> = {}) => ({ PATH: op.path, HOME: folder, ...more })
const connect = (options?: OpOptions) => opConnect(environment(), options)
const server = () => access.identity.id
const tokenWanted = () => ({ name: 'eso-bootstrap', server: server(), vaults: [vault.id], expiresIn: '90d' })
const day = 24 * 60 * 60 * 1000
const oneCall = () => {
  const [call, ...more] = op.calls
  if (call === undefined || more.length > 0) throw new Error(`op was called ${op.calls.length} times`)
  return call
}

const item = () => ({
  vault: vault.id,
  title: 'Connect homelab',
  fields: [
    { label: 'credentials', value: new Secret(secrets[1] ?? '') },
    { label: 'token', value: new Secret(secrets[2] ?? '') },
  ],
})

/** Each command once, as a person would have it. */
const commands: [string, (connect: OpConnect, signal?: AbortSignal) => Promise<unknown>][] = [
  ['createToken', (connect, signal) => connect.createToken(tokenWanted(), signal)],
  ['deleteToken', (connect, signal) => connect.deleteToken({ id: 'qwertyuiopasdfghjklzxcvbnm', server: server() }, signal)],
  ['createServer', (connect, signal) => connect.createServer({ name: 'homelab', vaults: [vault.id] }, signal)],
  ['deleteServer', (connect, signal) => connect.deleteServer(server(), signal)],
  ['keep', (connect, signal) => connect.keep(item(), signal)],
  ['discard', (connect, signal) => connect.discard({ id: addItem(vault, { title: 'kept' }).id, vault: vault.id }, signal)],
]

describe('createToken', () => {
  it('gives a token for the server, that may read these vaults and no longer than wanted', async () => {
    const secret = await connect().createToken({ ...tokenWanted(), vaults: account.vaults.map(({ id }) => id) })
    const [first, second] = account.vaults.map(({ id }) => id)
    expect(oneCall().args).toEqual(
      `connect token create eso-bootstrap --server ${server()} --vault ${first},r --vault ${second},r --expires-in 90d`.split(' '),
    )
    const token = parseToken(secret, new Date())
    expect(token.vaults).toEqual([first, second].map((id) => ({ id, acl: 48 })))
    expect(token.expires?.getTime()).toBeGreaterThan(Date.now() + 89 * day)
    expect(token.expires?.getTime()).toBeLessThan(Date.now() + 91 * day)
    expect(checkToken(secret.reveal(), access.identity, account.revoked, new Date())).toMatchObject({ id: token.id })
    expect(token.notes).toEqual([])
  })

  it('finds the token between notices', async () => {
    const token = makeToken()
    op.goWrong({ instead: { stdout: `There is a newer op: 2.40.0.\r\n\r\n  ${token}\r\n`, stderr: 'Notice\n' } })
    expect((await connect().createToken(tokenWanted())).reveal()).toBe(token)
  })

  it.each([
    ['nothing', ''],
    ['something else', 'Token created.\n'],
    ['JSON', `{ "token": "${makeToken()}" }\n`],
  ])('says that a token may have been made when op gives %s', async (_, stdout) => {
    op.goWrong({ instead: { stdout } })
    const failure = await failureOf(() => connect().createToken(tokenWanted()))
    expect(failure).toMatchObject({ id: 'op-gave-no-token', exit: 'partly', fix: [`op connect token list --server ${server()}`] })
    if (stdout !== '') expect(findCanary(inspect(failure), [stdout])).toEqual([])
  })

  it('asks for the token as it is, whatever the person prefers', async () => {
    await opConnect(environment({ OP_FORMAT: 'json' })).createToken(tokenWanted())
    expect(oneCall().env).not.toHaveProperty('OP_FORMAT')
  })
})

describe('deleteToken', () => {
  it('has Connect refuse the token', async () => {
    const token = parseToken(access.mint(), new Date())
    await connect().deleteToken({ id: token.id, server: token.server })
    expect(oneCall().args).toEqual(['connect', 'token', 'delete', token.id, '--server', token.server])
    expect(checkToken(token.value.reveal(), access.identity, account.revoked, new Date())).toHaveProperty('message')
  })

  it('says that there is no such token', async () => {
    const failure = await failureOf(() => connect().deleteToken({ id: 'unknown', server: server() }))
    expect(failure).toMatchObject({ id: 'op-no-token', fix: [`op connect token list --server ${server()}`] })
  })
})

describe('createServer', () => {
  it('gives its credentials and its id, which a token can be made with', async () => {
    const ids = account.vaults.map(({ id }) => id)
    const made = await connect().createServer({ name: 'home lab', vaults: ids })
    expect(oneCall().args).toEqual(['connect', 'server', 'create', 'home lab', '--vaults', ids.join(','), '--force'])
    const identity = account.servers[1]
    expect(made.credentials.reveal()).toBe(identity?.credentials)
    expect(parseCredentials(made.credentials).notes).toEqual([])
    expect(made.id).toBe(identity?.id)
    expect(made.server).toBe(identity?.id.toUpperCase())
    expect(inspect(made)).toContain('‹redacted')

    const token = await connect().createToken({ ...tokenWanted(), server: made.server })
    expect(parseToken(token, new Date()).server).toBe(identity?.id)
  })

  it('calls it by its name when op does not say its id', async () => {
    op.goWrong({ saying: { stdout: 'Set up a Connect server.\n' } })
    const made = await connect().createServer({ name: 'homelab', vaults: [] })
    expect(made).toMatchObject({ server: 'homelab', credentials: expect.any(Secret) })
    expect(made).not.toHaveProperty('id')
  })

  it('says how to remove a server that came without credentials', async () => {
    op.goWrong({ saying: { files: {} } })
    const failure = await failureOf(() => connect().createServer({ name: 'homelab', vaults: [] }))
    const id = account.servers[1]?.id.toUpperCase()
    expect(failure).toMatchObject({ id: 'op-gave-no-credentials', exit: 'partly', fix: [`op connect server delete ${id}`] })
  })
})

describe('deleteServer', () => {
  it('deletes it', async () => {
    await connect().deleteServer(server())
    expect(oneCall().args).toEqual(['connect', 'server', 'delete', server()])
    expect(account.servers).toEqual([])
  })
})

describe('discard', () => {
  it('deletes an item that was kept', async () => {
    secrets.push(makeCredentials(), makeToken())
    const id = (await connect().keep(item())) ?? ''
    await connect().discard({ id, vault: vault.id })
    expect(op.calls.at(-1)?.args).toEqual(['item', 'delete', id, '--vault', vault.id])
    expect(vault.items).toEqual([])
  })
})

describe('keep', () => {
  beforeEach(() => {
    secrets.push(makeCredentials(), makeToken())
  })

  it('puts all fields into a new item and gives its id', async () => {
    const id = await connect().keep(item())
    expect(oneCall().args).toEqual(['item', 'create', '-', '--vault', vault.id, '--format', 'json'])
    expect(vault.items).toMatchObject([{ id, title: 'Connect homelab', category: 'SECURE_NOTE' }])
    expect(vault.items[0]?.fields.map(({ label, value }) => [label, value])).toEqual([
      ['credentials', secrets[1]],
      ['token', secrets[2]],
    ])
  })

  it('gives the item through a pipe, in the form that op documents', async () => {
    await connect().keep(item())
    expect(oneCall().isPipe).toBe(true)
    expect(JSON.parse(oneCall().stdin)).toEqual({
      title: 'Connect homelab',
      category: 'SECURE_NOTE',
      fields: [
        { id: 'credentials', type: 'CONCEALED', label: 'credentials', value: secrets[1] },
        { id: 'token', type: 'CONCEALED', label: 'token', value: secrets[2] },
      ],
    })
  })

  it('gives no id when op does not say it', async () => {
    for (const stdout of ['', 'ID: x', 'null', '[]', '{"id":"../x"}']) {
      op.goWrong({ saying: { stdout } })
      expect(await connect().keep(item())).toBeUndefined()
    }
  })

  it('says which field did not get into the item', async () => {
    const made = { id: 'qwertyuiopasdfghjklzxcvbnm', fields: [null, { label: 'credentials', value: secrets[1] }, { label: 'notesPlain' }] }
    op.goWrong({ saying: { stdout: JSON.stringify(made) } })
    const failure = await failureOf(() => connect().keep(item()))
    expect(failure).toMatchObject({
      id: 'op-kept-partly',
      exit: 'partly',
      message: '1Password made the item without token.',
      fix: [`op item get qwertyuiopasdfghjklzxcvbnm --vault ${vault.id}`, `op item delete qwertyuiopasdfghjklzxcvbnm --vault ${vault.id}`],
    })
    expect(findCanary(inspect(failure), secrets)).toEqual([])
  })

  it('says so when there is nothing to make a pipe with', async () => {
    const failure = await failureOf(() => opConnect({ PATH: folder }).keep(item()))
    expect(failure).toMatchObject({ id: 'no-pipe' })
    expect(op.calls).toEqual([])
  })
})

describe.each(commands)('%s', (_, act) => {
  beforeEach(() => {
    secrets.push(makeCredentials(), makeToken())
  })

  it('runs op in an empty folder of its own, which is gone afterwards', async () => {
    await act(connect())
    expect(oneCall()).toMatchObject({ mode: 0o700, names: [] })
    expect(oneCall().cwd).toMatch(/\/eso-bootstrap-\w{6}$/)
    expect(existsSync(oneCall().cwd)).toBe(false)
  })

  it('has no secret in arguments, environment, working directory, or an input that is not the item', async () => {
    secrets.push('a value that one variable was named for')
    const env = environment({
      OP_CONNECT_HOST: 'http://connect',
      OP_CONNECT_TOKEN: secrets[2] ?? '',
      OP_SESSION: secrets[1] ?? '',
      OP_CREDENTIALS_FILE: 'creds.json',
      ESO_BOOTSTRAP_TOKEN: secrets[2] ?? '',
      NAMED: secrets[3] ?? '',
      OP_SESSION_homelab: 'a session of op itself',
      OP_ACCOUNT: 'homelab',
    })
    await act(opConnect(withoutSources(env, [{ kind: 'env', name: 'NAMED' }])))
    const { stdin, ...seen } = oneCall()
    expect(findCanary(JSON.stringify(seen), secrets)).toEqual([])
    const names = Object.keys(seen.env).filter((name) => /^(OP_|ESO_|NAMED)/.test(name))
    expect(names.sort()).toEqual(['OP_ACCOUNT', 'OP_SESSION_homelab'])
    if (seen.args[0] !== 'item') expect(stdin).toBe('')
  })

  it.each([
    ['fails', wrong.forbidden],
    ['fails when all is done', { saying: { code: 1 } }],
  ])('leaves no folder behind when op %s', async (_, how) => {
    op.goWrong(how)
    await failureOf(() => act(connect()))
    expect(existsSync(oneCall().cwd)).toBe(false)
  })

  it('shows nothing of what op prints', async () => {
    const leak = `${secrets.join(' ')}\n${Buffer.from(secrets[1] ?? '').toString('base64')}`
    op.goWrong({ instead: { ...says(leak, 7), stdout: leak } })
    const failure = await failureOf(() => act(connect()))
    expect(failure).toMatchObject({ id: 'op-failed', exit: 'blocked', message: expect.stringContaining('exit code 7') })
    expect(findCanary(`${failure.stack}${failure.why}${failure.fix}${inspect(failure)}`, secrets)).toEqual([])
  })

  it.each([
    ['before it does anything', wrong.hangs],
    ['when it has done it', wrong.hangsWhenDone],
  ])('ends at the deadline when op hangs %s, tells what is waited for, and leaves no folder', async (_, how) => {
    op.goWrong(how)
    const told: string[] = []
    const hanging = op.hanging()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const ended = failureOf(() => act(connect({ waiting: (text) => told.push(text) })))
    const { cwd } = await hanging
    vi.advanceTimersByTime(1_499)
    expect(told).toEqual([])
    vi.advanceTimersByTime(58_501)
    expect(await ended).toMatchObject({ id: 'op-deadline', exit: 'blocked', message: expect.stringContaining('within 60 s') })
    expect(told).toEqual(['waiting for 1Password approval'])
    expect(existsSync(cwd)).toBe(false)
  })

  it.each([
    ['before op does anything', wrong.hangs],
    ['when op has done it', wrong.hangsWhenDone],
  ])('ends with the reason of a signal %s, and leaves no folder', async (_, how) => {
    op.goWrong(how)
    const stop = new AbortController()
    const hanging = op.hanging()
    const ended = act(connect(), stop.signal)
    const { cwd } = await hanging
    expect(existsSync(cwd)).toBe(true)
    stop.abort(new Error('stopped'))
    await expect(ended).rejects.toThrow('stopped')
    expect(existsSync(cwd)).toBe(false)
  })

  it('does not begin when the signal came before', async () => {
    await expect(act(connect(), AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
    expect(op.calls).toEqual([])
  })

  it('waits for op as long as it may take', async () => {
    op.goWrong({ delay: 200 })
    await act(connect({ patience: 60_000 }))
    expect(op.calls).toHaveLength(1)
  })
})

describe('the credentials file', () => {
  it('is on no disk, for other users, or there any longer than it must be', async () => {
    op.goWrong(wrong.hangsWhenDone)
    const stop = new AbortController()
    const hanging = op.hanging()
    const ended = connect().createServer({ name: 'homelab', vaults: [] }, stop.signal)
    const { cwd } = await hanging
    expect(readdirSync(cwd)).toEqual(['1password-credentials.json'])
    const text = await readFile(join(cwd, '1password-credentials.json'), 'utf8')
    expect(text).toBe(account.servers[1]?.credentials)
    if (existsSync('/dev/shm')) expect(cwd).toMatch(/^\/dev\/shm\//)
    stop.abort(new Error('stopped'))
    await expect(ended).rejects.toThrow('stopped')
    expect(existsSync(cwd)).toBe(false)
  })
})

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpOptions, opCli } from '../../src/onepassword/op.ts'
import { findCanary, makeToken } from '../canary.ts'
import { failureOf } from './failure-of.ts'

const token = makeToken()
let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'op-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** An `op` on a PATH of its own that notes how it was called, and then does as the script says. */
async function fakeOp(script: string) {
  const path = join(folder, 'op')
  const note = `{ printf '%s\\n' "$@" >'${folder}/argv'; env >'${folder}/env'; cat >'${folder}/stdin'; }`
  await writeFile(path, `#!/bin/sh\n${note}\n${script}\n`)
  await chmod(path, 0o755)
}
const environment = (more: Record<string, string> = {}) => ({ PATH: `${folder}:${process.env['PATH']}`, HOME: folder, ...more })
const op = (options?: OpOptions) => opCli(environment(), options)
const fails = (text: string) => `echo '[ERROR] 2026/05/01 12:00:00 ${text.replaceAll("'", "'\\''")} ${token}' >&2; exit 1`
const noted = (what: 'argv' | 'env' | 'stdin') => readFile(join(folder, what), 'utf8')

describe('op read', () => {
  it('gives the value to the byte, and asks for it without a line end', async () => {
    await fakeOp(`printf '%s' '${token}'`)
    expect((await op().read('op://home lab/Connect token/credential')).reveal()).toBe(token)
    expect(await noted('argv')).toBe('read\n--no-newline\nop://home lab/Connect token/credential\n')
    expect(await noted('stdin')).toBe('')
  })

  it('keeps from op what would send it to Connect, and every secret', async () => {
    await fakeOp('printf x')
    const env = environment({
      OP_CONNECT_HOST: 'http://connect',
      OP_CONNECT_TOKEN: token,
      OP_SESSION: token,
      OP_CREDENTIALS_FILE: 'creds.json',
      ESO_BOOTSTRAP_TOKEN: 'op://x/y/z',
      OP_SERVICE_ACCOUNT_TOKEN: 'ops_obviously-fake',
      OP_SESSION_homelab: 'a session of op itself',
      OP_ACCOUNT: 'homelab',
    })
    await opCli(env).read('op://v/i/f')
    const seen = await noted('env')
    expect(seen).not.toMatch(/^(OP_CONNECT_HOST|OP_CONNECT_TOKEN|OP_SESSION|OP_CREDENTIALS_FILE|ESO_BOOTSTRAP_TOKEN)=/m)
    expect(seen).toMatch(/^OP_SERVICE_ACCOUNT_TOKEN=/m)
    expect(seen).toMatch(/^OP_SESSION_homelab=/m)
    expect(seen).toMatch(/^OP_ACCOUNT=homelab$/m)
    expect(findCanary(seen, [token])).toEqual([])
  })

  const rows: [string, string, string][] = [
    ['op-signed-out', 'refused', 'You are not currently signed in. Please run `op signin --help` for instructions'],
    ['op-signed-out', 'refused', 'account is not signed in'],
    ['op-signed-out', 'refused', 'session expired, sign in to create a new session'],
    ['op-signed-out', 'refused', 'No accounts configured for use with 1Password CLI.'],
    ['op-signed-out', 'refused', 'error initializing client: authorization prompt dismissed, please try again'],
    ['op-signed-out', 'refused', "couldn't connect to the 1Password desktop app: it is locked"],
    ['op-signed-out', 'refused', '(401) Unauthorized: invalid service account token'],
    [
      'op-not-found',
      'blocked',
      `could not read secret 'op://v/i/f': "v" isn't a vault in this account. Specify the vault with its ID or name.`,
    ],
    ['op-not-found', 'blocked', `could not read secret 'op://v/i/f': could not get item v/i: "i" isn't an item in the "v" vault.`],
    ['op-not-found', 'blocked', `could not read secret 'op://v/i/f': item 'v/i' does not have a field 'f'`],
    ['op-failed', 'blocked', 'Internal server error'],
  ]
  it.each(rows)('ends with %s (%s) when op says: %s', async (id, exit, stderr) => {
    await fakeOp(fails(stderr))
    const failure = await failureOf(() => op().read('op://v/i/f'))
    expect(failure).toMatchObject({ id, exit, message: expect.stringContaining('op://v/i/f') })
    const shown = `${failure.stack}${failure.why}${failure.fix}`
    expect(shown).not.toContain('[ERROR]')
    expect(findCanary(shown, [token])).toEqual([])
  })

  it('says how to sign in', async () => {
    await fakeOp(fails('account is not signed in'))
    expect((await failureOf(() => op().read('op://v/i/f'))).fix).toEqual(['op signin'])
  })

  it('says where to get an op that is missing', async () => {
    const failure = await failureOf(() => opCli({ PATH: folder }).read('op://v/i/f'))
    expect(failure).toMatchObject({ id: 'op-missing', exit: 'blocked' })
    expect(failure.fix[0]).toContain('https://developer.1password.com/docs/cli/get-started')
  })

  it('tells that it waits for an approval, and ends an op that never answers', async () => {
    await fakeOp('sleep 60 & sleep 60')
    const told: string[] = []
    const began = Date.now()
    const failure = await failureOf(() => op({ deadline: 300, patience: 50, waiting: (text) => told.push(text) }).read('op://v/i/f'))
    expect(failure).toMatchObject({ id: 'op-deadline', exit: 'blocked' })
    expect(told).toEqual(['waiting for 1Password approval'])
    expect(Date.now() - began).toBeLessThan(5_000)
  })

  it('tells of no waiting when op answers at once', async () => {
    await fakeOp('printf x')
    const told: string[] = []
    await op({ patience: 60_000, waiting: (text) => told.push(text) }).read('op://v/i/f')
    expect(told).toEqual([])
  })

  it('ends with the reason of a signal', async () => {
    await fakeOp('sleep 60')
    const stop = new AbortController()
    const read = op({ patience: 0, waiting: () => stop.abort(new Error('stopped')) }).read('op://v/i/f', stop.signal)
    await expect(read).rejects.toThrow('stopped')
  })

  it('takes a reference for a reference and never for an option', async () => {
    await fakeOp('printf x')
    await op().read("op://v'; touch x/$(id)/f")
    expect((await noted('argv')).split('\n')[2]).toBe("op://v'; touch x/$(id)/f")
  })
})

describe('op vault list', () => {
  it('gives ids and titles that are safe to show', async () => {
    await fakeOp(`printf '%s' '[{"id":"abc","name":"Home \\u001b[31mlab"},{"id":7}]'`)
    expect(await op().vaults()).toEqual([{ id: 'abc', name: 'Home lab' }])
    expect(await noted('argv')).toBe('vault\nlist\n--format\njson\n')
  })

  it.each([
    ['op is signed out', fails('account is not signed in')],
    ['op prints something else', 'echo hello'],
    ['op prints other JSON', 'echo null'],
  ])('gives nothing when %s', async (_, script) => {
    await fakeOp(script)
    expect(await op().vaults()).toBeUndefined()
  })

  it('gives nothing when op is missing or hangs', async () => {
    expect(await opCli({ PATH: folder }).vaults()).toBeUndefined()
    await fakeOp('sleep 60')
    expect(await op({ deadline: 200 }).vaults()).toBeUndefined()
  })

  it('ends with the reason of a signal', async () => {
    await expect(op().vaults(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
  })
})

describe('present', () => {
  it('is true when op is on the PATH, even if it fails', async () => {
    await fakeOp('exit 1')
    expect(await op().present()).toBe(true)
  })

  it('is false when it is not', async () => {
    expect(await opCli({ PATH: folder }).present()).toBe(false)
  })
})

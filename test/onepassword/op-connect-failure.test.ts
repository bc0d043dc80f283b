import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpConnect, opConnect } from '../../src/onepassword/op-connect.ts'
import { connectFailure } from '../../src/onepassword/op-connect-failure.ts'
import { type AccountModel, addVault } from '../../src/sandbox/connect/account.ts'
import { createConnectAccess } from '../../src/sandbox/connect/identity.ts'
import { Secret } from '../../src/secret.ts'
import { type OpStandIn, startOpStandIn, type Wrong, wrong } from '../op-stand-in.ts'
import { failureOf } from './failure-of.ts'

const asked = {
  does: 'make a token for the Connect server homelab',
  words: ['connect', 'token', 'create', 'x', '--server', 'homelab', '--vault', 'ops,r', '--expires-in', '90d'],
  server: 'homelab',
  vaults: ['ops', 'home lab'],
  look: 'op connect token list --server homelab',
}
const failure = (stderr: string, more: Partial<typeof asked> = {}) =>
  connectFailure({ code: 1, stdout: '', stderr: `[ERROR] 2026/11/25 12:00:00 ${stderr}\n` }, { ...asked, ...more })

describe('what op says', () => {
  const rows: [id: string, exit: string, says: string][] = [
    [
      'op-vault-rights',
      'refused',
      `Couldn't issue the token: "can't grant access to the vault: You do not have the requested access to vault 'Temp'."`,
    ],
    ['op-vault-built-in', 'blocked', 'Granting Connect access to a Personal, Private, or Employee vault is not currently supported'],
    ['op-vault-not-granted', 'blocked', `the Connect server 'homelab' does not have access to vault 'ops'`],
    ['op-vault-not-granted', 'blocked', `the integration doesn't have access to the vault ops`],
    ['op-vault-not-granted', 'blocked', `vault ops is not granted to this server`],
    ['op-no-server', 'blocked', `"homelab" isn't a Connect server in this account. Specify the server with its ID or name.`],
    ['op-no-server', 'blocked', `"homelab" isn't a server`],
    ['op-no-server', 'blocked', `couldn't find the Connect server "homelab"`],
    ['op-no-server', 'blocked', `server homelab not found`],
    ['op-no-server', 'blocked', `no integration with this name: server does not exist`],
    ['op-no-token', 'blocked', `"x" isn't a token in this account.`],
    ['op-no-token', 'blocked', `could not find token for server homelab`],
    ['op-no-token', 'blocked', `token x not found`],
    ['op-no-vault', 'blocked', `"Home lab" isn't a vault in this account. Specify the vault with its ID or name.`],
    ['op-no-vault', 'blocked', `unable to find vault with ID 'Home lab'`],
    ['op-no-vault', 'blocked', `"Private server" isn't a vault in this account. Specify the vault with its ID or name.`],
    ['op-no-connect', 'refused', 'unknown command "connect" for "op"'],
    ['op-no-rights', 'refused', '(101) You do not have permission to perform this action'],
    ['op-no-rights', 'refused', '(403) Forbidden: You are not authorized to do this.'],
    ['op-signed-out', 'refused', 'You are not currently signed in. Please run `op signin --help` for instructions'],
    ['op-signed-out', 'refused', 'account is not signed in'],
    ['op-signed-out', 'refused', 'session expired, sign in to create a new session'],
    ['op-signed-out', 'refused', 'No accounts configured for use with 1Password CLI.'],
    ['op-signed-out', 'refused', 'error initializing client: authorization prompt dismissed, please try again'],
    ['op-signed-out', 'refused', 'authorization timeout'],
    ['op-signed-out', 'refused', "couldn't connect to the 1Password desktop app: it is locked"],
    ['op-signed-out', 'refused', '(401) Unauthorized: invalid service account token'],
    ['op-failed', 'blocked', 'Internal server error'],
    ['op-failed', 'blocked', ''],
  ]
  it.each(rows)('is told as %s (%s): %s', (id, exit, says) => {
    const told = failure(says)
    expect(told).toMatchObject({ id, exit, message: expect.stringContaining(asked.does), why: expect.stringMatching(/\.$/) })
    expect(told.fix.length).toBeGreaterThan(0)
    expect(told.fix.join('\n')).not.toMatch(/\b(create|delete)\b.*(token|server)|(token|server) create/)
    expect(`${told.message}${told.why}${told.fix}`).not.toContain('[ERROR]')
  })

  it('comes with commands that can be pasted', () => {
    const fixOf = (says: string, more?: Partial<typeof asked>) => failure(says, more).fix
    expect(fixOf("can't grant access to the vault")).toEqual([
      'op vault user list ops',
      "op vault user list 'home lab'",
      'or in the browser: 1Password.com, Developer, the Connect server',
    ])
    expect(fixOf('vault ops is not granted to this server')).toEqual([
      'op connect vault grant --server homelab --vault ops',
      "op connect vault grant --server homelab --vault 'home lab'",
    ])
    expect(fixOf('server homelab not found')).toEqual(['op connect server list', 'op account list'])
    expect(fixOf('token x not found')).toEqual(['op connect token list --server homelab'])
    expect(fixOf('"ops" isn\'t a vault')).toEqual(['op vault list', 'op account list'])
    expect(fixOf('unknown command')).toEqual(['op --version', 'unset OP_SERVICE_ACCOUNT_TOKEN'])
    expect(fixOf('(101)')[1]).toBe('op connect group grant --group <group>')
    expect(fixOf('(101)', { words: ['item', 'create', '-'], vaults: ['ops'] })).toEqual(['op vault user list ops'])
    expect(fixOf('account is not signed in')).toEqual(['op signin'])
    expect(fixOf('what?')).toEqual(['op connect token list --server homelab'])
  })
})

describe('a command', () => {
  let folder = ''
  let account: AccountModel
  let op: OpStandIn
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'op-failure-'))
    const access = createConnectAccess('account')
    account = { servers: [access.identity], vaults: [], revoked: new Set() }
    addVault(account, 'ops')
    op = await startOpStandIn({ folder, account, access })
  })
  afterEach(async () => {
    await op.close()
    await rm(folder, { recursive: true })
  })

  type Act = (connect: OpConnect) => Promise<unknown>
  const token =
    (more = {}): Act =>
    (connect) =>
      connect.createToken({ name: 'x', server: 'sandbox', vaults: ['ops'], expiresIn: '90d', ...more })
  const fields = [{ label: 'token', value: new Secret('x') }]

  const byState: [id: string, what: string, act: Act][] = [
    ['op-no-server', 'a token for a server that is not there', token({ server: 'other' })],
    ['op-no-vault', 'a token for a vault that is not there', token({ vaults: ['other'] })],
    ['op-no-vault', 'a token for a vault with a space in its title', token({ vaults: ['Home lab'] })],
    ['op-no-vault', 'a server for a vault that is not there', (connect) => connect.createServer({ name: 'x', vaults: ['other'] })],
    ['op-no-server', 'deleting a server that is not there', (connect) => connect.deleteServer('other')],
    ['op-no-server', 'deleting a token of such a server', (connect) => connect.deleteToken({ id: 'x', server: 'other' })],
    ['op-no-token', 'deleting a token that is not there', (connect) => connect.deleteToken({ id: 'x', server: 'sandbox' })],
    ['op-no-vault', 'keeping in a vault that is not there', (connect) => connect.keep({ vault: 'other', title: 'x', fields })],
    ['op-failed', 'a token for a time that is none', token({ expiresIn: 'long' })],
  ]
  it.each(byState)('ends with %s: %s', async (id, _, act) => {
    addVault(account, 'Home lab')
    expect(await failureOf(() => act(opConnect({ PATH: op.path })))).toMatchObject({ id })
  })

  it('ends with op-vault-not-granted: a token for a vault that its server may not read', async () => {
    op.servers[0]?.vaults.clear()
    const told = await failureOf(() => token()(opConnect({ PATH: op.path })))
    expect(told).toMatchObject({ id: 'op-vault-not-granted', fix: ['op connect vault grant --server sandbox --vault ops'] })
  })

  const known: [id: string, how: Wrong][] = [
    ['op-signed-out', wrong.signedOut],
    ['op-vault-rights', wrong.vaultRights],
    ['op-vault-built-in', wrong.builtInVault],
    ['op-no-rights', wrong.forbidden],
    ['op-no-connect', wrong.serviceAccount],
  ]
  it.each(known)('ends with %s', async (id, how) => {
    op.goWrong(how)
    expect(await failureOf(() => token()(opConnect({ PATH: op.path })))).toMatchObject({ id })
  })

  it('ends with op-missing where there is no op', async () => {
    const told = await failureOf(() => token()(opConnect({ PATH: join(folder, 'nothing') })))
    expect(told).toMatchObject({
      id: 'op-missing',
      exit: 'blocked',
      message: 'Only the 1Password command line can make a token for the Connect server sandbox, and there is no op on the PATH.',
      fix: ['Install it: https://developer.1password.com/docs/cli/get-started'],
    })
  })

  it('says where to look when nobody approved', async () => {
    op.goWrong(wrong.hangs)
    const told = await failureOf(() => token()(opConnect({ PATH: op.path }, { deadline: 100 })))
    expect(told).toMatchObject({
      id: 'op-deadline',
      message: 'op did not make a token for the Connect server sandbox within 0 s.',
      fix: ['op connect token list --server sandbox', 'Unlock the 1Password app and run again; approve when it asks.'],
    })
  })
})

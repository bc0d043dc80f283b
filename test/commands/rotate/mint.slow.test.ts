import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Environment } from '../../../src/child.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import type { OpCall } from '../../op-answers.ts'
import { type OpStandIn, startOpStandIn, wrong } from '../../op-stand-in.ts'
import { type Flags, said } from '../init/stage.ts'
import { onRequest } from '../init/trip.ts'
import { idsIn, reportIn, statesIn } from './schema.ts'
import { idOf, openRotation, type Rotation } from './stage.ts'

let rotation: Rotation
let op: OpStandIn
let env: Environment
let server: string
beforeAll(async () => {
  rotation = await openRotation()
  const { folder, account, access } = rotation.sandbox
  op = await startOpStandIn({ folder: join(folder, 'bin'), account, access })
  env = { PATH: op.path, OP_CONNECT_HOST: 'http://localhost:8080', OP_CONNECT_TOKEN: 'of-somebody' }
  server = access.identity.id
})
afterAll(async () => {
  await op?.close()
  await rotation?.close()
})
afterEach(() => op.goWrong(undefined))

const args = (calls: readonly OpCall[]) => calls.map((call) => call.args.join(' '))

/** `--mint` and these flags; gives the report, the calls of op, what was written, and the id of the token that was in use. */
async function mint(flags: Flags = {}) {
  const old = idOf(rotation.held() ?? '')
  const from = op.calls.length
  rotation.writes()
  const report = reportIn(await rotation.rotate({ mint: true, output: 'json', timeout: '20s', ...flags }, { env }))
  return { report, old, calls: op.calls.slice(from), writes: rotation.writes() }
}

describe('--mint', () => {
  test('makes a token that only reads, for the vaults of the stores, on the server of the old one, as the plan has shown', async () => {
    const { report, calls } = await mint()
    expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
    const today = new Date().toISOString().slice(0, 10)
    expect(calls.map((call) => call.args)).toEqual([
      ['connect', 'token', 'create', `eso-bootstrap-${today}`, '--server', server, '--vault', 'catalyst-eso,r', '--expires-in', '90d'],
    ])
    const [step] = report.clusters[0]?.steps.filter(({ id }) => id === 'mint') ?? []
    expect(step?.changes).toEqual([
      {
        action: 'create',
        what: `token of the Connect server ${server}, which reads catalyst-eso for 90d`,
        note: `op ${args(calls)[0]}`,
      },
    ])
    const [made] = op.servers[0]?.tokens.slice(-1) ?? []
    expect(idOf(rotation.held() ?? '')).toBe(made?.id)
    expect(step?.says).toBe(`token ${made?.id} made, for 1 vault`)
    expect(calls[0]).toMatchObject({ mode: 0o700, names: [], env: expect.not.objectContaining({ OP_CONNECT_TOKEN: expect.anything() }) })
  })

  test('--expires-in says for how long', async () => {
    const { report, calls } = await mint({ 'expires-in': '30d' })
    expect(report.verdict).toBe('rotated')
    expect(args(calls)[0]).toMatch(/ --expires-in 30d$/)
    const { tokens } = reportIn(await rotation.command(['rotate-token', '--check', '--output=json']).ended)
    expect(tokens).toMatchObject([{ state: 'expiring', days: 29 }])
  })

  test('--dry-run asks op for nothing', async () => {
    const { report, calls, writes } = await mint({ 'dry-run': true })
    expect(report).toMatchObject({ verdict: 'planned', exitCode: 0 })
    expect([calls, writes]).toEqual([[], []])
  })

  test('a vault whose title op would not understand is named by its id', async () => {
    const { store } = rotation.sandbox.api
    const before = store.get(kinds.secretStore, 'external-secrets', 'onepassword')
    const { onepassword } = before?.['spec'].provider ?? {}
    if (before === undefined) throw new Error('there is no SecretStore')
    const vaults = { 'catalyst-eso': 1, 'Team Shared': 2 }
    store.put({ ...before, spec: { provider: { onepassword: { ...onepassword, vaults } } } }, 'a-person')
    const shared = rotation.sandbox.account.vaults.find(({ title }) => title === 'Team Shared')?.id
    const { report, calls } = await mint()
    store.put({ ...before }, 'a-person')
    expect(report).toMatchObject({ verdict: 'rotated' })
    expect(args(calls)).toEqual(['vault list --format json', expect.stringContaining(` --vault catalyst-eso,r --vault ${shared},r `)])
    expect(report.clusters[0]?.steps.find(({ id }) => id === 'mint')?.changes[0]?.what).toContain('catalyst-eso, Team Shared')
  })

  test('what was made is deleted again when the rotation fails after it', async () => {
    const before = rotation.held()
    const stop = onRequest(rotation, 'patch secrets/onepassword-connect-token', () => {
      rotation.sandbox.account.revoked.add(op.servers[0]?.tokens.at(-1)?.id ?? '')
    })
    const { report, calls } = await mint({ timeout: '1s' })
    stop()
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 4, clusters: [{ verdict: 'restored' }] })
    expect(statesIn(report)).toMatchObject({ mint: 'undone', token: 'undone', revalidated: 'failed' })
    expect(args(calls).slice(1)).toEqual([`connect token delete ${op.servers[0]?.tokens.at(-1)?.id} --server ${server}`])
    expect(rotation.held()).toBe(before)
  })

  test('the token in use is none, so that no server is known', async () => {
    const { store } = rotation.sandbox.api
    const before = store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
    if (before === undefined) throw new Error('there is no token')
    store.commit({ ...before, data: { token: Buffer.from('swordfish').toString('base64') } })
    const ended = await rotation.rotate({ mint: true, output: 'json' }, { env })
    store.commit(before)
    const report = reportIn(ended)
    expect(idsIn(report)).toEqual(['mint-server-unknown'])
    expect(report.exitCode).toBe(3)
  })

  test.each([
    ['is not signed in', wrong.signedOut, 4, 'op-signed-out', 'op signin'],
    ['has not all rights on the vault', wrong.vaultRights, 4, 'op-vault-rights', 'op vault user list catalyst-eso'],
    ['is that of a service account', wrong.serviceAccount, 4, 'op-no-connect', 'op --version'],
    ['gives nothing', wrong.silent, 3, 'op-gave-no-token', 'op connect token list --server'],
  ])('op %s: nothing is written', async (_, how, code, id, fix) => {
    op.goWrong(how, 'connect token create')
    const before = rotation.held()
    const { report, writes } = await mint()
    expect(report).toMatchObject({ exitCode: code, verdict: 'failed', clusters: [{ verdict: 'restored' }] })
    expect(idsIn(report)).toEqual([id])
    expect(report.clusters[0]?.errors[0]?.fix).toContainEqual(expect.stringContaining(fix))
    expect(writes).toEqual(['create leases', 'delete leases/eso-bootstrap'])
    expect(rotation.held()).toBe(before)
  })

  test('there is no op', async () => {
    const { code, stderr } = await rotation.rotate({ mint: true }, { env: { PATH: join(rotation.sandbox.folder, 'empty') } })
    expect(code).toBe(3)
    expect(stderr).toMatch(/✖ Only the 1Password command line can make a token/)
    expect(stderr).toContain('→ Install it: https://developer.1password.com/docs/cli/get-started')
  })

  test('op hangs, until Ctrl-C: nothing is written', async () => {
    op.goWrong(wrong.hangs, 'connect token create')
    const before = rotation.held()
    rotation.writes()
    const hanging = op.hanging()
    const running = rotation.begin({ mint: true }, { env })
    await hanging
    running.signal('SIGINT')
    const ended = await running.ended
    expect(ended.code).toBe(130)
    expect(said(ended)).toContain('✖ Interrupted.')
    expect(rotation.writes()).toEqual(['create leases', 'delete leases/eso-bootstrap'])
    expect(rotation.held()).toBe(before)
  })
})

describe('--revoke-old', () => {
  /** What had happened when op was asked to delete a token. */
  function watchDeletion(): { moments: { held: string; synced: string }[]; stop(): void } {
    const moments: { held: string; synced: string }[] = []
    op.calls.push = (...calls) => {
      for (const { args: words } of calls)
        if (words.slice(0, 3).join(' ') === 'connect token delete')
          moments.push({ held: idOf(rotation.held() ?? ''), synced: rotation.externalSecret('my-app')?.['status'].syncedResourceVersion })
      return Array.prototype.push.apply(op.calls, calls)
    }
    return { moments, stop: () => void Reflect.deleteProperty(op.calls, 'push') }
  }

  test('deletes the old one, and only when the new one is proven', async () => {
    const before = rotation.externalSecret('my-app')?.['status'].syncedResourceVersion
    const { moments, stop } = watchDeletion()
    const { report, old, calls } = await mint({ 'revoke-old': true })
    stop()
    expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0, replaced: [{ id: old, server, deleted: true }], next: [] })
    expect(args(calls).slice(1)).toEqual([`connect token delete ${old} --server ${server}`])
    const held = idOf(rotation.held() ?? '')
    expect(held).not.toBe(old)
    expect(moments).toEqual([{ held, synced: expect.not.stringMatching(`^${before}$`) }])
    expect([...rotation.sandbox.account.revoked]).toContain(old)
    expect(rotation.sandbox.account.revoked.has(held)).toBe(false)
    const uses = report.clusters[0]?.steps.find(({ id }) => id === 'uses')
    expect(uses?.notes).toEqual([
      `When the new one is proven, the old one is deleted in 1Password: op connect token delete ${old} --server ${server}`,
    ])
  })

  test('deletes nothing when the new one is not proven', async () => {
    const stop = onRequest(rotation, 'patch secrets/onepassword-connect-token', () => {
      rotation.sandbox.account.revoked.add(op.servers[0]?.tokens.at(-1)?.id ?? '')
    })
    const { report, old } = await mint({ 'revoke-old': true, timeout: '1s' })
    stop()
    expect(report).toMatchObject({ verdict: 'failed', replaced: [] })
    expect(rotation.sandbox.account.revoked.has(old)).toBe(false)
  })

  test('cannot: the new one stays, and the command is printed', async () => {
    op.goWrong(wrong.forbidden, 'connect token delete')
    const old = idOf(rotation.held() ?? '')
    const ended = await rotation.rotate({ mint: true, 'revoke-old': true }, { env })
    expect(ended).toMatchObject({ code: 5, stdout: '' })
    expect(said(ended)).toContain('✖ 1Password does not let you delete the token')
    expect(said(ended)).toContain('The new one is in use, and proven: only the old one was not deleted.')
    expect(ended.stderr).toContain(`→ op connect token delete ${old} --server ${server}`)
    expect(idOf(rotation.held() ?? '')).not.toBe(old)
    op.goWrong(wrong.forbidden, 'connect token delete')
    const { report, old: next } = await mint({ 'revoke-old': true })
    expect(report).toMatchObject({
      verdict: 'failed',
      exitCode: 5,
      errors: [{ id: 'op-no-rights' }],
      replaced: [{ id: next, deleted: false }],
    })
    expect(report.clusters).toMatchObject([{ verdict: 'rotated', errors: [] }])
  })

  test('without it the command is printed, and deletes the right token', async () => {
    const { report, old } = await mint()
    expect(report.replaced).toMatchObject([{ id: old, deleted: false }])
    expect(report.replaced[0]?.expires).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(rotation.sandbox.account.revoked.has(old)).toBe(false)
    const command = report.next.at(-1) ?? ''
    await promisify(execFile)('sh', ['-c', `${command} </dev/null`], { env: { PATH: op.path } })
    expect(rotation.sandbox.account.revoked.has(old)).toBe(true)
    expect(rotation.sandbox.account.revoked.has(idOf(rotation.held() ?? ''))).toBe(false)
  })
})

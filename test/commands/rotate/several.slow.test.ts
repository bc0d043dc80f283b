import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type OpStandIn, startOpStandIn } from '../../op-stand-in.ts'
import { type Flags, said } from '../init/stage.ts'
import { onRequest } from '../init/trip.ts'
import { idsIn, reportIn, statesIn } from './schema.ts'
import { idOf, openRotation, type Rotation, words } from './stage.ts'

/** Two clusters with one Connect server: both run it with the same credentials, and tokens of it are good in both. */
let home: Rotation
let cabin: Rotation
let op: OpStandIn
let kubeconfig: string
beforeAll(async () => {
  ;[home, cabin] = await Promise.all([openRotation(), openRotation()])
  const { account, access, folder, credentialsPath } = home.sandbox
  cabin.sandbox.account.servers.push(access.identity)
  for (const vault of cabin.sandbox.account.vaults) vault.id = account.vaults.find(({ title }) => title === vault.title)?.id ?? ''
  put(cabin, cabin.sandbox.access.mint({ account: accountOf(home), vaults: account.vaults }).reveal())
  const { path } = await home.newToken()
  const ended = await cabin.command(['rotate-credentials', ...words({ yes: true, credentials: credentialsPath, token: path })]).ended
  if (ended.code !== 0) throw new Error(`rotate-credentials ended with ${ended.code}: ${ended.stderr}`)

  op = await startOpStandIn({ folder: join(folder, 'bin'), account, access })
  kubeconfig = await contexts({ home, cabin, attic: home })
})
afterAll(async () => {
  await op?.close()
  await Promise.all([home?.close(), cabin?.close()])
})
afterEach(() => Promise.all([home, cabin].map(({ sandbox }) => sandbox.settled())))

/** The account that the token in use is of: each sandbox has made up its own. */
function accountOf({ held }: Rotation): string {
  return JSON.parse(Buffer.from((held() ?? '').split('.')[1] ?? '', 'base64url').toString())['1password.com/auuid']
}

/** Another token in the Secret, whose fields stay whose they are. */
function put({ sandbox }: Rotation, token: string): void {
  const secret = sandbox.api.store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
  if (secret === undefined) throw new Error('there is no token')
  sandbox.api.store.commit({ ...secret, data: { token: Buffer.from(token).toString('base64') } })
}

/** One kubeconfig with a context for each. */
async function contexts(clusters: Record<string, Rotation>): Promise<string> {
  const all = Object.entries(clusters).map(([name, { sandbox }]) => {
    const { clusters: [cluster], users: [user] } = parse(sandbox.api.kubeconfig()) // biome-ignore format: one line
    return { cluster: { ...cluster, name }, user: { ...user, name }, context: { name, context: { cluster: name, user: name } } }
  })
  const file = join(home.sandbox.folder, 'contexts.yaml')
  const merged = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: all.map(({ cluster }) => cluster),
    users: all.map(({ user }) => user),
    contexts: all.map(({ context }) => context),
  }
  await writeFile(file, stringify(merged), { mode: 0o600 })
  return file
}

const run = (flags: Flags) =>
  home.command(['rotate-token', ...words({ yes: true, timeout: '20s', ...flags })], { env: { KUBECONFIG: kubeconfig, PATH: op.path } })
    .ended
const both = ['home', 'cabin']
const report = async (flags: Flags) => reportIn(await run({ context: both, output: 'json', ...flags }))
const held = () => [home, cabin].map((each) => idOf(each.held() ?? ''))
const writes = () => [home, cabin].map((each) => each.writes())
const verdicts = ({ clusters }: Awaited<ReturnType<typeof report>>) => clusters.map(({ cluster, verdict }) => [cluster?.context, verdict])

describe('several clusters', () => {
  test('--context twice: one token for both, in their order, and a table at the end', async () => {
    const { path, id } = await home.newToken()
    const order: string[] = []
    const stops = [home, cabin].map((each, at) =>
      onRequest(each, 'patch secrets/onepassword-connect-token', () => order.push(both[at] ?? '')),
    )
    const ended = await run({ context: both, token: path })
    for (const stop of stops) stop()
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✔ Rotated: .*\n\n {2}home {3}rotated\n {2}cabin {2}rotated\n/) })
    expect(held()).toEqual([id, id])
    expect(order).toEqual(both)
    // Each is named before its part of the plan, and before what is done there.
    expect(ended.stderr.match(/^home$/gm)).toHaveLength(2)
    expect(ended.stderr.match(/^cabin$/gm)).toHaveLength(2)
  })

  test('--contexts-from: the kubeconfigs that match, told apart although their contexts have one name', async () => {
    const folder = join(home.sandbox.folder, 'clusters')
    await mkdir(folder)
    await writeFile(join(folder, 'a.yaml'), cabin.sandbox.api.kubeconfig(), { mode: 0o600 })
    await writeFile(join(folder, 'b.yaml'), home.sandbox.api.kubeconfig(), { mode: 0o600 })
    await writeFile(join(folder, 'c.yml'), 'not this one', { mode: 0o600 })
    const { path, id } = await home.newToken()
    const ended = await run({ 'contexts-from': `${folder}/*.yaml`, token: path })
    const names = [cabin, home].map(({ sandbox }) => `sandbox at ${sandbox.api.url}`)
    expect(ended.code).toBe(0)
    for (const name of names) expect(ended.stdout).toContain(`  ${name}  rotated\n`)
    expect(held()).toEqual([id, id])
    const checked = reportIn(await run({ yes: undefined, 'contexts-from': `${folder}/*.yaml`, check: true, output: 'json' }))
    expect(checked.tokens?.map(({ cluster, id: of }) => [cluster, of])).toEqual(names.map((name) => [name, id]))
  })

  test('both have it already: nothing to change', async () => {
    const { path } = await home.newToken()
    await report({ token: path })
    writes()
    const again = await report({ token: path })
    expect(again).toMatchObject({ verdict: 'unchanged', exitCode: 0, replaced: [] })
    expect(verdicts(again)).toEqual([
      ['home', 'unchanged'],
      ['cabin', 'unchanged'],
    ])
    expect(writes()).toEqual([[], []])
  })

  test('one has it already: only the other is touched', async () => {
    const { path, id } = await home.newToken()
    const [, old] = held()
    await report({ token: path, context: 'home' })
    writes()
    const rest = await report({ token: path })
    expect(rest).toMatchObject({ verdict: 'rotated', exitCode: 0, replaced: [{ id: old }] })
    expect(verdicts(rest)).toEqual([
      ['home', 'unchanged'],
      ['cabin', 'rotated'],
    ])
    expect(writes()[0]).toEqual([])
    expect(held()).toEqual([id, id])
  })

  test('the second fails: it has the old one back, the first keeps the new, a third is not begun', async () => {
    const { path, id } = await home.newToken()
    const [first = '', old] = held()
    const stop = onRequest(cabin, 'patch secrets/onepassword-connect-token', () => cabin.sandbox.account.revoked.add(id))
    const failed = await report({ token: path, context: [...both, 'attic'], 'revoke-old': true })
    stop()
    expect(failed).toMatchObject({ verdict: 'failed', exitCode: 5, replaced: [] })
    expect(idsIn(failed)).toEqual(['token-refused'])
    expect(verdicts(failed)).toEqual([
      ['home', 'rotated'],
      ['cabin', 'restored'],
      ['attic', 'not-reached'],
    ])
    expect(statesIn(failed, 1)).toMatchObject({ token: 'undone' })
    expect(held()).toEqual([id, old])
    expect(home.sandbox.account.revoked.has(first)).toBe(false)
  })

  test('something stands in the way of the second: neither is touched', async () => {
    const { store } = cabin.sandbox.api
    const secret = store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
    if (secret === undefined) throw new Error('there is no token')
    store.commit({ ...secret, immutable: true })
    const before = held()
    writes()
    const { path } = await home.newToken()
    const blocked = await report({ token: path })
    const told = await run({ context: both, token: path })
    store.commit(secret)
    expect(blocked).toMatchObject({ verdict: 'failed', exitCode: 3 })
    expect(idsIn(blocked)).toEqual(['secret-immutable'])
    expect(verdicts(blocked)).toEqual([
      ['home', 'not-reached'],
      ['cabin', 'blocked'],
    ])
    expect(told.stderr).toContain('\n  home   not begun\n  cabin  in the way; see above\n')
    expect(said(told)).toContain('Nothing was changed.')
    expect(writes()).toEqual([[], []])
    expect(held()).toEqual(before)
  })

  test('--mint makes one token for both; --revoke-old deletes what both had, when both are done', async () => {
    const [first, second] = await Promise.all([home.newToken(), home.newToken()])
    await report({ token: first.path, context: 'home' })
    await report({ token: second.path, context: 'cabin' })
    const from = op.calls.length
    const atDeletion: string[][] = []
    op.calls.push = (...calls) => {
      if (calls.some(({ args }) => args[2] === 'delete')) atDeletion.push(held())
      return Array.prototype.push.apply(op.calls, calls)
    }
    const minted = await report({ mint: true, 'revoke-old': true })
    Reflect.deleteProperty(op.calls, 'push')
    expect(minted).toMatchObject({ verdict: 'rotated', exitCode: 0 })
    expect(minted.replaced).toMatchObject([
      { id: first.id, deleted: true },
      { id: second.id, deleted: true },
    ])
    expect(op.calls.slice(from).map(({ args }) => args.slice(0, 3).join(' '))).toEqual([
      'connect token create',
      'connect token delete',
      'connect token delete',
    ])
    const [made] = op.servers[0]?.tokens.slice(-1) ?? []
    expect(held()).toEqual([made?.id, made?.id])
    expect(atDeletion).toEqual([held(), held()])
  })

  test('--mint for clusters with different Connect servers is refused before anything is made', async () => {
    const before = cabin.held() ?? ''
    put(cabin, cabin.sandbox.access.mint({ account: accountOf(cabin) }).reveal())
    const from = op.calls.length
    const refused = await report({ mint: true })
    put(cabin, before)
    expect(refused).toMatchObject({ verdict: 'failed', exitCode: 3 })
    expect(idsIn(refused)).toEqual(['mint-several-servers'])
    expect(op.calls.slice(from)).toEqual([])
  })
})

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { isReady } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type OpStandIn, startOpStandIn, wrong } from '../../op-stand-in.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { seedTree } from '../../sandbox/tree.ts'
import type { Flags } from '../init/stage.ts'
import { onRequest } from '../init/trip.ts'
import { claimsOf, newServer } from './new-server.ts'
import { idsIn, reportIn, statesIn } from './schema.ts'
import { idOf, openRotation, type Rotation, words } from './stage.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

const stored = ({ sandbox }: Rotation) => secretValue(sandbox, 'onepassword-connect-secret', '1password-credentials.json')
const restarts = ({ sandbox }: Rotation): Record<string, string> =>
  sandbox.api.store.get(kinds.deployment, 'external-secrets', 'onepassword-connect')?.['spec'].template.metadata.annotations ?? {}
const unready = ({ sandbox }: Rotation) =>
  [kinds.clusterSecretStore, kinds.secretStore, kinds.externalSecret]
    .flatMap((kind) => sandbox.api.store.list(kind))
    .filter((each) => !isReady(each))

async function rotate(rotation: Rotation, flags: Flags, env = {}) {
  rotation.writes()
  const line = ['rotate-credentials', ...words({ yes: true, timeout: '20s', output: 'json', ...flags })]
  const report = reportIn(await rotation.command(line, { env }).ended)
  return { report, writes: rotation.writes() }
}

/** It has the new pair, in the encoding that Connect reads, and runs with it. */
async function expectRotated(rotation: Rotation, encode: (text: string) => string): Promise<void> {
  const old = claimsOf(rotation.held()).server
  const server = await newServer(rotation)
  const before = rotation.externalSecret('my-app')?.['status'].syncedResourceVersion
  const { report, writes } = await rotate(rotation, server.flags)
  expect(report).toMatchObject({ command: 'rotate-credentials', verdict: 'rotated', exitCode: 0 })
  expect(stored(rotation)).toBe(encode(server.credentials))
  expect(rotation.held()).toBe(server.token)
  expect(restarts(rotation)).toEqual({ 'eso-bootstrap/restarted-at': expect.stringMatching(/^\d{4}-/) })
  expect(writes.filter((each) => /pods|deployments/.test(each))).toEqual(['patch deployments/onepassword-connect'])
  expect(rotation.externalSecret('my-app')?.['status'].syncedResourceVersion).not.toBe(before)
  expect(statesIn(report)).toMatchObject({ credentials: 'made', token: 'made', restarted: 'made', trial: 'made', synced: 'made' })
  expect(report.replaced).toEqual([{ server: old, deleted: false }])
  expect(report.next).toEqual(['The old Connect server still exists. When nothing else uses it:', `op connect server delete ${old}`])
  expect(unready(rotation)).toEqual([])
}

test('Connect that reads its credentials from a mounted file has the new pair, and runs with it', async () => {
  const rotation = await openRotation({ files: seedTree({ mounted: true }) })
  onTestFinished(() => rotation.close())
  await expectRotated(rotation, (text) => text)
})

describe('rotate-credentials', () => {
  let rotation: Rotation
  let op: OpStandIn
  beforeAll(async () => {
    rotation = await openRotation()
    const { folder, account, access } = rotation.sandbox
    op = await startOpStandIn({ folder: join(folder, 'bin'), account, access })
  })
  afterAll(async () => {
    await op?.close()
    await rotation?.close()
  })

  test('a pair that does not fit: both old ones are back, and Connect runs with them', async () => {
    const [credentials, token, annotation] = [stored(rotation), rotation.held(), restarts(rotation)['eso-bootstrap/restarted-at']]
    const [one, other] = [await newServer(rotation), await newServer(rotation)]
    const { report, writes } = await rotate(rotation, { ...one.flags, token: other.flags.token, timeout: '2s' })
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 4, replaced: [], clusters: [{ verdict: 'restored' }] })
    expect(idsIn(report)).toEqual(['token-refused'])
    expect(statesIn(report)).toMatchObject({ credentials: 'undone', token: 'undone', trial: 'failed', synced: 'not-reached' })
    expect([stored(rotation), rotation.held()]).toEqual([credentials, token])
    expect(writes.filter((each) => each === 'patch deployments/onepassword-connect')).toHaveLength(2)
    expect(restarts(rotation)['eso-bootstrap/restarted-at']).not.toBe(annotation)
    await rotation.sandbox.settled()
    expect(unready(rotation)).toEqual([])
    // Connect takes the old token for its own again.
    const next = await rotation.newToken()
    expect(await rotation.rotate({ token: next.path })).toMatchObject({ code: 0 })
  })

  test('Connect that reads them from an environment variable has the new pair, and runs with it', () => expectRotated(rotation, base64))

  test('the credentials that are there, with another token of theirs: Connect is left alone', async () => {
    const server = await newServer(rotation)
    expect((await rotate(rotation, server.flags)).report.verdict).toBe('rotated')
    const before = restarts(rotation)
    const { report, writes } = await rotate(rotation, { ...server.flags, token: server.another })
    expect(report).toMatchObject({ verdict: 'rotated', replaced: [{ id: idOf(server.token), deleted: false }] })
    expect(statesIn(report)).toMatchObject({ credentials: 'already', token: 'made', restarted: 'already' })
    expect(restarts(rotation)).toEqual(before)
    expect(writes.filter((each) => /deployments|connect-secret/.test(each))).toEqual([])
  })

  test('both that are there already are refused', async () => {
    const server = await newServer(rotation)
    expect((await rotate(rotation, server.flags)).report.verdict).toBe('rotated')
    const { report, writes } = await rotate(rotation, server.flags)
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 3 })
    expect(idsIn(report)).toEqual(['token-same'])
    expect(writes).toEqual([])
  })

  test('a Connect that is not in the cluster has no credentials here', async () => {
    const { store } = rotation.sandbox.api
    const [cluster, own] = [
      store.get(kinds.clusterSecretStore, undefined, 'onepassword'),
      store.get(kinds.secretStore, 'external-secrets', 'onepassword'),
    ]
    for (const each of [cluster, own]) {
      const { onepassword } = each?.['spec'].provider ?? {}
      if (each !== undefined)
        store.put(
          { ...each, spec: { provider: { onepassword: { ...onepassword, connectHost: 'https://connect.example.com' } } } },
          'a-person',
        )
    }
    const server = await newServer(rotation)
    const { report } = await rotate(rotation, server.flags)
    for (const each of [cluster, own]) if (each !== undefined) store.put(each, 'a-person')
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 3 })
    expect(idsIn(report)).toEqual(['connect-elsewhere'])
    await rotation.sandbox.settled()
  })

  describe('--mint', () => {
    const mint = async (flags: Flags = {}) => {
      const from = op.calls.length
      const ended = await rotate(rotation, { mint: true, ...flags }, { PATH: op.path })
      return { ...ended, calls: op.calls.slice(from).map(({ args }) => args.join(' ')) }
    }
    const kept = () =>
      rotation.sandbox.account.vaults.find(({ title }) => title === 'Team Shared')?.items.filter(({ title }) => title === 'connect')
    const today = new Date().toISOString().slice(0, 10)

    test('makes a server and its token, keeps both, and deletes the old server when they are proven', async () => {
      const old = claimsOf(rotation.held()).server
      const { access } = rotation.sandbox
      op.servers.push({ access: { ...access, identity: { ...access.identity, id: old } }, name: 'old', vaults: new Set(), tokens: [] })
      const { report, calls } = await mint({ 'keep-in': 'Team Shared/connect', 'revoke-old': true })
      expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0, replaced: [{ server: old, deleted: true }], next: [] })
      const server = op.servers.at(-1)
      const id = server?.access.identity.id.toUpperCase()
      const name = `eso-bootstrap-${today}`
      expect(calls).toEqual([
        `connect server create ${name} --vaults catalyst-eso --force`,
        `connect token create ${name} --server ${id} --vault catalyst-eso,r --expires-in 90d`,
        'item create - --vault Team Shared --format json',
        `connect server delete ${old}`,
      ])
      const changes = report.clusters[0]?.steps.find((step) => step.id === 'mint')?.changes
      expect(changes).toEqual([
        { action: 'create', what: `Connect server ${name} for catalyst-eso`, note: `op ${calls[0]}` },
        expect.objectContaining({ note: `op ${calls[1]?.replace(id ?? '', name)}` }),
        { action: 'create', what: 'item connect in Team Shared, with both' },
      ])
      expect(stored(rotation)).toBe(base64(server?.access.credentials.reveal() ?? ''))
      expect(idOf(rotation.held() ?? '')).toBe(server?.tokens[0]?.id)
      expect(kept()?.map(({ fields }) => fields.map(({ label, value }) => [label, value]))).toEqual([
        [
          ['1password-credentials.json', server?.access.credentials.reveal()],
          ['token', rotation.held()],
        ],
      ])
      rotation.sandbox.account.vaults.find(({ title }) => title === 'Team Shared')?.items.pop()
    })

    test('cannot keep them: nothing is written, and the new server is deleted again', async () => {
      op.goWrong(wrong.forbidden, 'item create')
      const before = [stored(rotation), rotation.held()]
      const servers = op.servers.length
      const { report, writes, calls } = await mint({ 'keep-in': 'Team Shared/connect' })
      op.goWrong(undefined)
      expect(report).toMatchObject({ verdict: 'failed', exitCode: 4, clusters: [{ verdict: 'restored' }] })
      expect(idsIn(report)).toEqual(['op-no-rights'])
      expect(calls.at(-1)).toMatch(/^connect server delete [A-Z2-7]{26}$/)
      expect(op.servers).toHaveLength(servers)
      expect(writes).toEqual(['create leases', 'delete leases/eso-bootstrap'])
      expect([stored(rotation), rotation.held()]).toEqual(before)
    })

    test('cannot keep them, nor delete the server again: both are told', async () => {
      op.goWrong(wrong.forbidden, 'connect server delete')
      const { report, writes } = await mint({ 'keep-in': 'Nowhere/connect' })
      op.goWrong(undefined)
      const server = op.servers.pop()
      expect(report).toMatchObject({ verdict: 'failed', exitCode: 3 })
      expect(idsIn(report)).toEqual(['op-no-vault'])
      const command = `op connect server delete ${server?.access.identity.id.toUpperCase()}`
      expect(report.clusters[0]?.errors[0]?.fix.at(-1)).toBe(`and delete the Connect server that was made: ${command}`)
      expect(writes).toEqual(['create leases', 'delete leases/eso-bootstrap'])
    })

    test('the rotation fails after it: the server and the item are deleted again', async () => {
      const before = [stored(rotation), rotation.held()]
      const servers = op.servers.length
      const stop = onRequest(rotation, 'patch deployments/onepassword-connect', () => {
        rotation.sandbox.account.revoked.add(op.servers.at(-1)?.tokens[0]?.id ?? '')
      })
      const { report, calls } = await mint({ 'keep-in': 'Team Shared/connect', timeout: '2s' })
      stop()
      expect(report).toMatchObject({ verdict: 'failed', exitCode: 4, clusters: [{ verdict: 'restored' }] })
      expect(statesIn(report)).toMatchObject({ mint: 'undone', credentials: 'undone', token: 'undone' })
      expect(calls.slice(3)).toEqual([
        expect.stringMatching(/^item delete [a-z2-7]{26} --vault Team Shared$/),
        expect.stringMatching(/^connect server delete [A-Z2-7]{26}$/),
      ])
      expect(kept()).toEqual([])
      expect(op.servers).toHaveLength(servers)
      expect([stored(rotation), rotation.held()]).toEqual(before)
      await rotation.sandbox.settled()
      expect(unready(rotation)).toEqual([])
    })
  })
})

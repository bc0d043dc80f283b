import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import { addVault, changeField } from '../../src/sandbox/connect/account.ts'
import { createConnectAccess } from '../../src/sandbox/connect/identity.ts'
import { makeId } from '../../src/sandbox/credentials.ts'
import { looseFiles } from './layouts.ts'
import { externalSecret, secretValue } from './secrets.ts'
import { startTranscript } from './transcript.ts'
import { startWorld, type World } from './world.ts'

const transcript = startTranscript('rotation')
const group = '/apis/external-secrets.io/v1'
const applications = ['my-app', 'worker-1', 'worker-2', 'worker-3']
const hourAgo = () => new Date(Date.now() - 3_600_000)
let world: World

beforeAll(async () => {
  world = await startWorld({ transcript, files: looseFiles(), opCommand: true })
})
afterAll(async () => {
  await world?.stop()
  await transcript.save()
})

test('a cluster that init has set up, and applications that read their value every second', async () => {
  const { code, text } = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--credentials', world.credentials, '--token', await world.token()],
    ...['--vault', world.vault.title, '--git', 'push', '--verify-item', `${world.item.title}/api-key`],
  )
  expect({ code, text }).toMatchObject({ code: 0 })
  for (const name of applications) {
    const object = externalSecret('v1', world.item.title, 'api-key')
    await world.api.apply({ ...object, metadata: { ...object.metadata, name }, spec: { ...object['spec'], target: { name } } })
  }
  await expect.poll(() => secretValue(world.api, 'default', 'worker-3', 'api-key'), { timeout: 60_000 }).toBeDefined()
})

const rotate = (...args: string[]) => world.run('rotate-token', '--no-input', '--yes', ...args)
const held = () => secretValue(world.api, 'external-secrets', 'onepassword-connect-token', 'token')
const heldCredentials = () => secretValue(world.api, 'external-secrets', 'onepassword-connect-secret', '1password-credentials.json')
const accountOf = (access: World['access']) =>
  JSON.parse(Buffer.from(access.mint().reveal().split('.')[1] ?? '', 'base64url').toString())['1password.com/auuid']
const idOf = (token = '') => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti
const isReady = (object: KubernetesObject) => object['status']?.conditions?.[0]?.status === 'True'
/** The layout brings an ExternalSecret of its own, for an item that isn't there. */
const isOurs = ({ metadata }: KubernetesObject) => metadata.name !== 'example'
const all = async () =>
  (await Promise.all(['externalsecrets', 'clustersecretstores'].map((each) => world.api.list(`${group}/${each}`)))).flat().filter(isOurs)
const isAllReady = async () => (await all()).filter((each) => !isReady(each)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)

/** What fails while the work goes on: every ExternalSecret that stops being Ready, and every failure that the operator tells. */
async function failuresDuring<T>(work: () => Promise<T>): Promise<{ ended: T; failures: string[]; syncs: number }> {
  const stop = new AbortController()
  const failures: string[] = []
  const syncs = new Set<string>()
  const began = Date.now()
  const watching = [
    world.api.follow(
      `${group}/externalsecrets`,
      (object) => {
        syncs.add(`${object.metadata.name} ${object['status']?.refreshTime}`)
        if (isOurs(object) && object['status']?.conditions && !isReady(object)) failures.push(`${object.metadata.name} is not Ready`)
      },
      stop.signal,
    ),
    world.api.follow(
      '/api/v1/namespaces/default/events',
      (event) => {
        const isNew = Date.parse(event['lastTimestamp'] ?? '') > began
        if (isNew && event['type'] === 'Warning') failures.push(String(event['message']))
      },
      stop.signal,
    ),
  ]
  try {
    const ended = await work()
    // What has just been let go must not be missed by those who read on.
    const enough = syncs.size + 3 * applications.length
    await expect.poll(() => syncs.size, { timeout: 60_000 }).toBeGreaterThan(enough)
    return { ended, failures, syncs: syncs.size }
  } finally {
    stop.abort()
    await Promise.all(watching)
  }
}

test('rotated under load: not one failed synchronisation, and the old token is deleted only then', async () => {
  transcript.note(
    'Four applications read their value every second; op makes the new token, and deletes the old one when the new one is proven.',
  )
  const before = await held()
  const { ended, failures, syncs } = await failuresDuring(() => rotate('--context', 'test', '--mint', '--revoke-old', '--all'))
  expect(ended.text).toContain('Rotated: values came through with the new token.')
  expect(ended.code).toBe(0)
  expect(failures).toEqual([])
  expect(syncs).toBeGreaterThan(4 * applications.length)
  const after = await held()
  expect(idOf(after)).not.toBe(idOf(before))
  expect([...world.account.revoked]).toEqual([idOf(before)])
  expect(world.opCalls.map(({ args }) => args.slice(0, 3).join(' '))).toEqual(['connect token create', 'connect token delete'])
})

test('what is changed in 1Password after that arrives, with the new token', async () => {
  changeField(world.item, 'api-key', 'changed after the rotation')
  await expect.poll(() => secretValue(world.api, 'default', 'my-app', 'api-key'), { timeout: 60_000 }).toBe('changed after the rotation')
  expect(await isAllReady()).toEqual([])
})

/** Tokens that look right and aren't; each with what is said of it, and what the process ends with. */
const bad: [string, () => Parameters<World['token']>[0], number, string][] = [
  ['revoked', () => ({ id: 'revokedrevokedrevokedrevok', issuedAt: hourAgo() }), 4, 'Connect refuses the token.'],
  ['without the vault', () => ({ vaults: [{ id: addVault(world.account, 'Other').id }], issuedAt: hourAgo() }), 3, 'sees no vault'],
]

test.each(bad)('a token that is %s is refused by Connect before anything is written', async (what, options, exit, says) => {
  transcript.note(`A token that is ${what}. Connect is asked first.`)
  world.account.revoked.add('revokedrevokedrevokedrevok')
  const before = await held()
  const { ended, failures } = await failuresDuring(async () => rotate('--context', 'test', '--token', await world.token(options())))
  expect(ended.text).toContain(says)
  expect(ended.text).toContain('Nothing was changed.')
  expect(ended.code).toBe(exit)
  expect(await held()).toBe(before)
  expect(failures).toEqual([])
})

test('a token of another server is refused by what it says of itself', async () => {
  transcript.note('A token of another Connect server.')
  const stranger = createConnectAccess(makeId())
  const path = await keep('stranger', stranger.mint({ vaults: [{ id: world.vault.id }] }).reveal())
  const before = await held()
  const { code, text } = await rotate('--context', 'test', '--token', path)
  expect(text).toMatch(/another (1Password account|Connect server) than the one that is in use/)
  expect(code).toBe(3)
  expect(await held()).toBe(before)
})

test.each(bad)('a token that is %s, and nobody may ask Connect: the old one is put back', async (what, options, exit, says) => {
  transcript.note(`A token that is ${what}, and this user may not forward a port: the operator has to find out.`)
  const kubeconfig = await withoutPortForward()
  const before = await held()
  const { code, text } = await rotate('--kubeconfig', kubeconfig, '--token', await world.token(options()))
  expect(text).toContain('not tried on Connect: this user may not forward a port to a pod')
  expect(text).toContain(says)
  expect(text).toContain('The old token is back in the Secret')
  expect(code).toBe(exit)
  expect(await held()).toBe(before)
  await expect.poll(isAllReady, { timeout: 30_000 }).toEqual([])
  expect(await world.api.list('/apis/coordination.k8s.io/v1/namespaces/external-secrets/leases')).not.toContainEqual(
    expect.objectContaining({ metadata: expect.objectContaining({ name: 'eso-bootstrap' }) }),
  )
})

const keep = async (name: string, text: string) => {
  const path = join(dirname(world.credentials), name)
  await writeFile(path, text, { mode: 0o600 })
  return path
}

/** The files of a new Connect server of the same account, which is another one if the token is a stranger's. */
async function newPair(tokenOf = createConnectAccess(accountOf(world.access))) {
  const server = createConnectAccess(accountOf(world.access))
  world.account.servers.push(server.identity, tokenOf.identity)
  const token = tokenOf.mint({ vaults: [{ id: world.vault.id }] }).reveal()
  const file = server.credentials.reveal()
  return {
    file,
    token,
    words: ['--credentials', await keep('new-credentials.json', file), '--token', await keep('new-token', token)],
  }
}

test('credentials and a token that do not belong together: both are put back, and Connect runs with the old ones', async () => {
  transcript.note('New credentials, with a token of a third Connect server: only Connect can tell that they do not fit.')
  const before = [await held(), await heldCredentials()]
  const { code, text } = await world.run('rotate-credentials', '--no-input', '--yes', '--context', 'test', ...(await newPair()).words)
  expect(text).toContain('The token and the credentials belong to different Connect servers.')
  expect(text).toContain('The old credentials and the old token are back')
  expect(code).toBe(4)
  expect([await held(), await heldCredentials()]).toEqual(before)
  await expect.poll(isAllReady, { timeout: 60_000 }).toEqual([])
})

test('credentials and token of a new Connect server: Connect is restarted, and a value comes through', async () => {
  transcript.note('New credentials with their own token.')
  const server = createConnectAccess(accountOf(world.access))
  const pair = await newPair(server)
  await keep('new-credentials.json', server.credentials.reveal())
  const pods = async () => (await world.api.list('/api/v1/namespaces/external-secrets/pods')).map(({ metadata }) => metadata.name)
  const before = (await pods()).filter((name) => name.startsWith('onepassword-connect-'))
  const { code, text } = await world.run('rotate-credentials', '--no-input', '--yes', '--context', 'test', ...pair.words)
  expect(text).toContain('Rotated: values came through with the new token.')
  expect(code).toBe(0)
  expect(await held()).toBe(pair.token)
  expect(Buffer.from((await heldCredentials()) ?? '', 'base64').toString()).toBe(server.credentials.reveal())
  await expect.poll(async () => (await pods()).filter((name) => before.includes(name)), { timeout: 60_000 }).toEqual([])
  changeField(world.item, 'api-key', 'changed after the new server')
  await expect.poll(() => secretValue(world.api, 'default', 'my-app', 'api-key'), { timeout: 60_000 }).toBe('changed after the new server')
})

/** A user who may do all that a rotation needs, but for the port-forward. */
async function withoutPortForward(): Promise<string> {
  const apiGroup = 'rbac.authorization.k8s.io'
  const name = 'rotator'
  const rules = [
    { apiGroups: ['external-secrets.io'], resources: ['*'], verbs: ['*'] },
    { apiGroups: [''], resources: ['secrets', 'events', 'services', 'pods', 'pods/log'], verbs: ['*'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] },
  ]
  await world.api.apply({ apiVersion: `${apiGroup}/v1`, kind: 'ClusterRole', metadata: { name }, rules } as unknown as KubernetesObject)
  const binding = { roleRef: { apiGroup, kind: 'ClusterRole', name }, subjects: [{ apiGroup, kind: 'User', name }] }
  await world.api.apply({
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    ...binding,
  } as unknown as KubernetesObject)
  return keep('rotator.kubeconfig', await world.plane.asUser(name))
}

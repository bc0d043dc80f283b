import { afterAll, beforeAll, expect, test } from 'vitest'
import { addItem, addVault } from '../../src/sandbox/connect/account.ts'
import { createConnectAccess } from '../../src/sandbox/connect/identity.ts'
import { makeId } from '../../src/sandbox/credentials.ts'
import type { DoctorReport } from '../../src/terminal/doctor-report.ts'
import { base } from './layouts.ts'
import { externalSecret, secretValue } from './secrets.ts'
import { startTranscript } from './transcript.ts'
import { clusterFolder, startWorld, type World } from './world.ts'

const transcript = startTranscript('doctor')
const secrets = '/api/v1/namespaces/external-secrets/secrets'
const storesFile = `${base}/secretstores/onepassword-secretstore.yaml`
const stores = '/apis/external-secrets.io/v1/clustersecretstores'
let world: World
let token: string

beforeAll(async () => {
  world = await startWorld({ transcript, files: { 'README.md': 'My cluster.\n' } })
  token = await world.token()
})
afterAll(async () => {
  await world?.stop()
  await transcript.save()
})

const base64 = (text: string) => Buffer.from(text).toString('base64')
const heldToken = async () => (await secretValue(world.api, 'external-secrets', 'onepassword-connect-token', 'token')) ?? ''
const hold = (text: string) =>
  world.api.merge(`${secrets}/onepassword-connect-token?fieldManager=kubectl-edit`, { data: { token: base64(text) } })
const touch = (path: string) => world.api.merge(path, { metadata: { annotations: { touched: String(Date.now()) } } })
const idOf = (text: string) => JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()).jti

/** The ids that it finds, the first one first. */
async function diagnosed(): Promise<string[]> {
  const { stdout } = await world.quietly('doctor', '--context', 'test', '-o', 'json')
  const report: DoctorReport = JSON.parse(stdout)
  const rank = (severity: string) => (severity === 'error' ? 0 : 1)
  return report.checks
    .flatMap(({ id, findings }) => findings.filter(({ severity }) => severity !== 'advice').map(({ severity }) => ({ id, severity })))
    .toSorted((a, b) => rank(a.severity) - rank(b.severity))
    .map(({ id }) => id)
    .filter((id, at, all) => all.indexOf(id) === at)
}

/** Flux fetches and builds now, and not at its next interval; what it makes of it is for `doctor` to say. */
async function reconciled(): Promise<void> {
  const at = String(Date.now())
  const flux = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': at } } }
  await world.api.merge('/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system', flux)
  const head = (await world.clone.git('rev-parse', 'HEAD')).trim()
  const attempted = async () =>
    (await world.api.get('/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/external-secrets'))?.['status']
      .lastAttemptedRevision
  await expect.poll(attempted, { timeout: 60_000 }).toContain(head)
}

test('before anything is there', async () => {
  transcript.note('A cluster with Flux, and a repository that knows nothing of External Secrets.')
  expect((await diagnosed())[0]).toBe('folder-found')
})

test('set up, and nothing is wrong', async () => {
  transcript.note('After init:')
  const { code, text } = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--scaffold', '--eso-version', '0.20.x', '--cluster-path', clusterFolder],
    ...['--credentials', world.credentials, '--token', token, '--vault', world.vault.title, '--git', 'push'],
    ...['--verify-item', `${world.item.title}/api-key`],
  )
  expect({ code, text }).toMatchObject({ code: 0 })
  await world.api.apply(externalSecret('v1', world.item.title, 'api-key'))
  await expect.poll(() => secretValue(world.api, 'default', 'my-app', 'api-key'), { timeout: 60_000 }).toBeDefined()
  expect(await diagnosed()).toEqual([])
  const { code: exit, stdout } = await world.run('doctor', '--context', 'test')
  expect([exit, stdout]).toEqual([0, expect.stringContaining('Nothing is wrong with what could be looked at.')])
})

test('status and verify say the same of the real operator', async () => {
  transcript.note('One screen, and a proof.')
  const status = await world.run('status', '--context', 'test')
  expect([status.code, status.stdout]).toEqual([0, expect.stringContaining('✔ Healthy.')])
  const verify = await world.run('verify', '--context', 'test', '--item', `${world.item.title}/api-key`, '--all-stores')
  expect({ code: verify.code, text: verify.text }).toMatchObject({ code: 0 })
  await expect.poll(() => world.api.list('/apis/external-secrets.io/v1/externalsecrets')).toHaveLength(1)
})

test('an item that is not there, and one that is there twice', async () => {
  transcript.note('Two applications that read what nobody has, or what is there twice.')
  for (const nth of [1, 2]) addItem(world.vault, { title: 'twice', fields: [['api-key', `${nth}`]] })
  const broken = ['nowhere', 'twice'].map((key) => {
    const object = externalSecret('v1', key, 'api-key')
    return { ...object, metadata: { ...object.metadata, name: key }, spec: { ...object['spec'], target: { name: key } } }
  })
  for (const each of broken) await world.api.apply(each)
  await expect.poll(diagnosed, { timeout: 60_000, interval: 1_000 }).toEqual(['items-found', 'items-unique'])
  await world.run('doctor', '--context', 'test')
  for (const { metadata } of broken)
    await world.api.delete(`/apis/external-secrets.io/v1/namespaces/default/externalsecrets/${metadata.name}`)
  await expect.poll(diagnosed, { timeout: 60_000, interval: 1_000 }).toEqual([])
})

test('a token that was revoked, while the store still says Ready', async () => {
  transcript.note('The token was revoked in 1Password; the operator will notice in five minutes.')
  const id = idOf(await heldToken())
  world.account.revoked.add(id)
  expect(await diagnosed()).toEqual(['token-accepted'])
  await world.run('doctor', '--context', 'test')
  world.account.revoked.delete(id)
  // What reads each second has noticed, and waits for its next try.
  await expect.poll(diagnosed, { timeout: 60_000, interval: 1_000 }).toEqual([])
})

test('a token of another Connect server', async () => {
  transcript.note('Somebody has put in the token of another server.')
  const good = await heldToken()
  await hold(
    createConnectAccess(makeId())
      .mint({ vaults: [{ id: world.vault.id }] })
      .reveal(),
  )
  expect((await diagnosed())[0]).toBe('same-server')
  await world.run('doctor', '--context', 'test')
  await hold(`${good}\n`)
  expect((await diagnosed())[0]).toBe('token-whitespace')
  await hold(good.split('.')[0] ?? '')
  expect((await diagnosed())[0]).toBe('token-kind')
  await hold(good)
})

test('a title that two vaults have', async () => {
  transcript.note('A second vault with the same title, which the token reads as well.')
  const other = addVault(world.account, world.vault.title)
  const good = await heldToken()
  await hold(world.access.mint({ vaults: [{ id: world.vault.id }, { id: other.id }] }).reveal())
  expect((await diagnosed())[0]).toBe('vaults-found')
  other.title = 'another'
  await hold(good)
  await touch(`${stores}/onepassword`)
  await expect.poll(diagnosed, { timeout: 60_000, interval: 1_000 }).toEqual([])
})

test("the operator's webhook is gone", async () => {
  transcript.note('Somebody has scaled the webhook to zero.')
  const path = '/apis/apps/v1/namespaces/external-secrets/deployments/external-secrets-webhook'
  await world.api.merge(path, { spec: { replicas: 0 } })
  await expect.poll(diagnosed, { timeout: 60_000, interval: 1_000 }).toEqual(['webhook-answers'])
  await world.run('doctor', '--context', 'test')
  await world.api.merge(path, { spec: { replicas: 1 } })
  await expect.poll(diagnosed, { timeout: 60_000, interval: 1_000 }).toEqual([])
})

test('what Flux does not know: a commit that was not pushed, and what is suspended', async () => {
  transcript.note('A commit that nobody has pushed, and a Flux Kustomization that is suspended.')
  await world.clone.commit({ [`${base}/README.md`]: 'Reviewed.\n' }, 'Say so', { push: false })
  await world.api.merge('/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/external-secrets', {
    spec: { suspend: true },
  })
  expect((await diagnosed()).toSorted()).toEqual(['flux-revision', 'flux-suspended'])
  await world.api.merge('/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/external-secrets', {
    spec: { suspend: false },
  })
  await world.clone.git('reset', '--quiet', '--hard', 'origin/main')
  await expect.poll(diagnosed, { timeout: 60_000, interval: 1_000 }).toEqual([])
})

test('manifests for an API that the operator no longer serves', async () => {
  transcript.note('Somebody has pushed the stores as v1beta1.')
  const good = await world.clone.git('show', `HEAD:${storesFile}`)
  await world.clone.commit({ [storesFile]: good.replaceAll('external-secrets.io/v1', 'external-secrets.io/v1beta1') }, 'Go back')
  await reconciled()
  await expect.poll(async () => (await diagnosed())[0], { timeout: 60_000, interval: 1_000 }).toBe('store-api-version')
  await world.run('doctor', '--context', 'test')
  await world.clone.commit({ [storesFile]: good }, 'Go forth')
  await reconciled()
  await expect.poll(diagnosed, { timeout: 120_000, interval: 1_000 }).toEqual([])
})

test('credentials in the wrong encoding, mended by --fix', async () => {
  transcript.note('Somebody has put the credentials in as they are, and restarted Connect; --fix mends it.')
  const data = { '1password-credentials.json': base64(world.access.credentials.reveal()) }
  await world.api.merge(`${secrets}/onepassword-connect-secret?fieldManager=kubectl-edit`, { data })
  for (const pod of await world.api.list('/api/v1/namespaces/external-secrets/pods'))
    if (pod.metadata.name.startsWith('onepassword-connect-'))
      await world.api.delete(`/api/v1/namespaces/external-secrets/pods/${pod.metadata.name}`)
  expect((await diagnosed())[0]).toBe('credentials-encoding')
  await world.run('doctor', '--context', 'test')
  await world.run('doctor', '--context', 'test', '--fix', '--yes')
  await expect
    .poll(
      async () => {
        await touch(`${stores}/onepassword`)
        return diagnosed()
      },
      { timeout: 120_000, interval: 2_000 },
    )
    .toEqual([])
})

// The last: Flux waits for the stores of a commit, up to five minutes, before it looks at the next one.
test('a vault that is not there, pushed to git', async () => {
  transcript.note('Somebody has pushed stores that name a vault that is not there.')
  const good = await world.clone.git('show', `HEAD:${storesFile}`)
  await world.clone.commit({ [storesFile]: good.replaceAll(`${world.vault.title}: 1`, 'nowhere: 1') }, 'Use another vault')
  await reconciled()
  await expect.poll(async () => (await diagnosed())[0], { timeout: 60_000, interval: 1_000 }).toBe('vaults-found')
  await world.run('doctor', '--context', 'test')
})

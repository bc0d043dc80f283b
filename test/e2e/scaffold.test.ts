import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { base } from './layouts.ts'
import { secretValue } from './secrets.ts'
import { startTranscript } from './transcript.ts'
import { clusterFolder, startWorld, type World } from './world.ts'

const transcript = startTranscript('scaffold')
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

const command = () => [
  ...['init', '--no-input', '--yes', '--context', 'test', '--scaffold', '--eso-version', '0.20.x', '--cluster-path', clusterFolder],
  ...['--credentials', world.credentials, '--token', token, '--vault', world.vault.title],
  ...['--git', 'push', '--verify-item', `${world.item.title}/api-key`],
]

test('on a cluster that has never had the operator, one command brings the first secret', async () => {
  transcript.note('A cluster with Flux and nothing else, and a repository that knows nothing of External Secrets.')
  const { code, text } = await world.run(...command())
  expect(text).toMatch(/my-app-credentials\/api-key came through ClusterSecretStore onepassword: 26 bytes/)
  expect(code).toBe(0)
  const store = await world.api.get('/apis/external-secrets.io/v1/clustersecretstores/onepassword')
  expect(store?.['status'].conditions).toMatchObject([{ type: 'Ready', status: 'True' }])
  const credentials = await secretValue(world.api, 'external-secrets', 'onepassword-connect-secret', '1password-credentials.json')
  expect(Buffer.from(credentials ?? '', 'base64').toString()).toBe(world.access.credentials.reveal())
  expect(await world.api.list('/apis/external-secrets.io/v1/externalsecrets')).toEqual([])
})

test('run again, it finds nothing to do but the proof', async () => {
  transcript.note('The same again.')
  const head = await world.clone.git('rev-parse', 'HEAD')
  const { code, stderr } = await world.run(...command())
  expect(code).toBe(0)
  expect(stderr).not.toMatch(/^ *[+~] /m)
  expect(await world.clone.git('rev-parse', 'HEAD')).toBe(head)
})

test('the namespace and its Secrets survive when its line is removed from git', async () => {
  const list = `${base}/kustomization.yaml`
  const text = await readFile(`${world.clone.path}/${list}`, 'utf8')
  const commit = await world.clone.commit({ [list]: text.replace(/^ *- namespace.yaml\n/m, '') }, 'The namespace is not ours')
  const path = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/external-secrets'
  const now = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': commit } } }
  await world.api.merge('/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system', now)
  await expect
    .poll(async () => (await world.api.get(path))?.['status'].lastAppliedRevision, { timeout: 120_000, interval: 500 })
    .toBe(`main@sha1:${commit}`)
  const applied = (await world.api.get(path))?.['status'].inventory.entries.map(({ id }: { id: string }) => id)
  expect(applied).not.toContain('_external-secrets__Namespace')
  expect((await world.api.get('/api/v1/namespaces/external-secrets'))?.['status'].phase).toBe('Active')
  expect(await secretValue(world.api, 'external-secrets', 'onepassword-connect-token', 'token')).toBeDefined()
})

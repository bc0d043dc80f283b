import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectToSurvivePruning } from './prune.ts'
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
  await expectToSurvivePruning(world)
})

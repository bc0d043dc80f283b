import { afterAll, beforeAll, expect, test } from 'vitest'
import { enabled, withChartVersion, withStoreApi, withVault } from '../../src/sandbox/scenarios/files.ts'
import { base, seedFiles } from './layouts.ts'
import { startTranscript } from './transcript.ts'
import { startWorld, type World } from './world.ts'

const transcript = startTranscript('rebuilt')
let world: World

beforeAll(async () => {
  const files = withStoreApi(withChartVersion(await seedFiles(), '0.20.x'), 'v1')
  world = await startWorld({ transcript, files: enabled(withVault(files, 'catalyst-eso')) })
})
afterAll(async () => {
  await world?.stop()
  await transcript.save()
})

const command = async () => [
  ...['init', '--no-input', '--yes', '--context', 'test', '--credentials', world.credentials, '--token', await world.token()],
  ...['--vault', world.vault.title, '--git', 'push', '--verify-item', `${world.item.title}/api-key`],
]
const path = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/external-secrets'

test('operator and stores in one Flux Kustomization dead-lock on a new cluster', async () => {
  const message = async () =>
    (await world.api.get(path))?.['status']?.conditions?.find((each: { type: string }) => each.type === 'Ready')?.message
  await expect.poll(message, { timeout: 60_000 }).toMatch(/SecretStore.* dry-run failed: no matches for kind "(Cluster)?SecretStore"/)
  expect(await world.api.list('/apis/helm.toolkit.fluxcd.io/v2/helmreleases')).toEqual([])
})

test('init says so before it changes anything, and how to get out', async () => {
  transcript.note('A cluster that was built anew from git: the layout worked on the old one, and cannot work on this one.')
  const { code, text } = await world.run(...(await command()))
  expect(code).toBe(3)
  expect(text).toContain('holds the operator and the stores')
  expect(text).toContain('Comment the stores out')
  expect(await world.api.get('/api/v1/namespaces/external-secrets/secrets/onepassword-connect-token')).toBeUndefined()
})

test('that way leads out: without the stores the operator comes up, and init enables them', async () => {
  transcript.note('The stores commented out and pushed, as it says; then the same command again.')
  const list = `${base}/kustomization.yaml`
  await world.clone.commit({ [list]: (await seedFiles())[list] ?? '' }, 'The operator first')
  const { code, text } = await world.run(...(await command()))
  expect(text).toContain('came through')
  expect(code).toBe(0)
})

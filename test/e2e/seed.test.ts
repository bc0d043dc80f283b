import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeField } from '../../src/sandbox/connect/account.ts'
import { base, seedFiles } from './layouts.ts'
import { expectToSurvivePruning } from './prune.ts'
import { externalSecret, secretValue } from './secrets.ts'
import { startTranscript } from './transcript.ts'
import { startWorld, type World } from './world.ts'

const transcript = startTranscript('seed')
const value = `päss "word"\n\ttab 'quoted' $HOME \${x} %s \\n trailing \n`
let world: World

beforeAll(async () => {
  world = await startWorld({ transcript, files: await seedFiles() })
})
afterAll(async () => {
  await world?.stop()
  await transcript.save()
})

const arrived = () => secretValue(world.api, 'default', 'my-app', 'api-key')

test('the operator alone comes up: an old one, 0.11, that serves v1beta1 only', async () => {
  const release = '/apis/helm.toolkit.fluxcd.io/v2/namespaces/external-secrets/helmreleases/external-secrets'
  const ready = async () => (await world.api.get(release))?.['status']?.conditions?.find((each: { type: string }) => each.type === 'Ready')
  await expect.poll(ready, { timeout: 300_000, interval: 1_000 }).toMatchObject({ status: 'True', reason: 'InstallSucceeded' })
})

test('init enables Connect and the stores, in the version of the API that is served', async () => {
  transcript.note('The operator runs; Connect and the stores are commented out in git, and the vault is a placeholder.')
  const { code, text } = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--credentials', world.credentials, '--token', await world.token()],
    ...['--vault', world.vault.title, '--git', 'push', '--verify-item', `${world.item.title}/api-key`],
  )
  expect(text).toContain('came through')
  expect(code).toBe(0)
  const [store] = await world.api.list('/apis/external-secrets.io/v1beta1/clustersecretstores')
  expect(store?.['spec'].provider.onepassword.vaults).toEqual({ [world.vault.title]: 1 })
  expect(await world.clone.git('diff', '--stat', 'HEAD~1')).toContain(`${base}/kustomization.yaml`)
  expect(await world.clone.git('status', '--short')).toBe('')
})

test('a value arrives byte for byte, and so does the next one', async () => {
  changeField(world.item, 'api-key', value)
  await world.api.apply(externalSecret('v1beta1', world.item.title, 'api-key'))
  await expect.poll(arrived, { timeout: 60_000 }).toBe(value)
  changeField(world.item, 'api-key', 'changed in 1Password')
  await expect.poll(arrived, { timeout: 60_000 }).toBe('changed in 1Password')
})

test('the namespace and its Secrets survive when its line is removed from git, where nothing but our annotation protects it', async () => {
  const declared = await readFile(`${world.clone.path}/${base}/namespace.yaml`, 'utf8')
  expect(declared).not.toContain('prune')
  await expectToSurvivePruning(world)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTranscript } from './transcript.ts'
import { clusterFolder, startWorld, type World } from './world.ts'

const transcript = startTranscript('both-versions')
let world: World

beforeAll(async () => {
  world = await startWorld({ transcript, files: { 'README.md': 'My cluster.\n' }, fluxCommand: true })
})
afterAll(async () => {
  await world?.stop()
  await transcript.save()
})

test('an operator that serves v1 and v1beta1 gets v1; and the flux command is used where there is one', async () => {
  transcript.note('External Secrets Operator 0.16 serves both versions of its API. The flux command is installed.')
  const { code, text } = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--scaffold', '--eso-version', '0.16.x', '--cluster-path', clusterFolder],
    ...['--credentials', world.credentials, '--token', await world.token(), '--vault', world.vault.title],
    ...['--git', 'push', '--verify-item', `${world.item.title}/api-key`],
  )
  expect(text).toContain('came through')
  expect(code).toBe(0)
  const [definition, store] = await Promise.all([
    world.api.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/clustersecretstores.external-secrets.io'),
    world.api.get('/apis/external-secrets.io/v1/clustersecretstores/onepassword'),
  ])
  const served = definition?.['spec'].versions.filter((each: { served: boolean }) => each.served)
  expect(served.map((each: { name: string }) => each.name).toSorted()).toEqual(['v1', 'v1beta1'])
  expect(store?.metadata.managedFields?.find(({ manager }) => manager === 'kustomize-controller')?.apiVersion).toBe(
    'external-secrets.io/v1',
  )
})

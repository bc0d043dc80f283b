import { afterAll, beforeAll, expect, test } from 'vitest'
import { looseFiles } from './layouts.ts'
import { startTranscript } from './transcript.ts'
import { startWorld, type World } from './world.ts'

const transcript = startTranscript('races')
let world: World

beforeAll(async () => {
  world = await startWorld({ transcript, files: looseFiles(), connect: { syncing: 5_000 } })
})
afterAll(async () => {
  await world?.stop()
  await transcript.save()
})

test('started while the operator is being installed, init needs no help with CRDs, webhook and Connect that aren’t there yet', async () => {
  transcript.note('The operator is being installed at this moment, and no Flux Kustomization waits for it.')
  const { code, text } = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--credentials', world.credentials, '--token', await world.token()],
    ...['--vault', world.vault.title, '--git', 'push', '--verify-item', `${world.item.title}/api-key`],
  )
  expect(text).toContain('came through')
  expect(code).toBe(0)
  const events = await world.api.list('/api/v1/namespaces/flux-system/events')
  const refusals = events.filter((each) => each['type'] === 'Warning').map((each) => String(each['message']))
  expect(refusals.join('\n')).toMatch(/no matches for kind "(Cluster)?SecretStore"|failed calling webhook/)
})

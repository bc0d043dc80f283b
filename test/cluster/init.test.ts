import { afterEach, expect, test } from 'vitest'
import { withChartVersion, withStoreApi } from '../../src/sandbox/scenarios/files.ts'
import { type Files, seed } from '../commands/init/trees.ts'
import { secretsIn } from '../contract/api.ts'
import type { Release } from './crds.ts'
import { type ClusterStage, openClusterStage } from './stage.ts'

let opened: ClusterStage | undefined
afterEach(() => opened?.close())

/** The seed's repository, written for a release of the operator. */
const written = async (version: string, api: string) => withChartVersion(withStoreApi(await seed(), api), version)

test.each<[Release, Release, Promise<Files>]>([
  ['operator 0.11.0', 'Flux 2.7', written('0.11.0', 'v1beta1')],
  ['operator 0.16.2', 'Flux 2.7', written('0.16.2', 'v1beta1')],
  ['operator 0.16.2', 'Flux 2.9', written('0.16.2', 'v1')],
  ['operator 0.20.4', 'Flux 2.9', written('0.20.4', 'v1')],
])('%s, %s: from nothing but Flux to a synced secret', async (operator, flux, files) => {
  opened = await openClusterStage([operator, flux], { files: await files })
  const { stage, client, init, settled } = opened
  const { title, field } = stage.sandbox.item
  const { code, stderr } = await init({ 'verify-item': `${title}/${field}` })
  await settled()
  expect([code, stderr]).toEqual([0, expect.stringContaining('came through')])
  const secret = await client.send('GET', `${secretsIn('external-secrets')}/onepassword-connect-token`)
  expect(secret.object.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([['eso-bootstrap', 'Apply']])
  const again = await init()
  expect([again.code, again.stdout + again.stderr]).toEqual([0, expect.stringMatching(/nothing to (do|change)/i)])
})

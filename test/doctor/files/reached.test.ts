import { expect, it } from 'vitest'
import { filesReached } from '../../../src/doctor/files/reached.ts'
import { base, type Files, kustomizationFile, seed, templates } from '../../commands/init/trees.ts'
import { enabledFiles, filesWorld, found } from '../worlds.ts'

const external = '---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: app, namespace: apps }\n'
const look = (files: Files) => filesReached.look(filesWorld(files))

it('is true for the templates and the seed, whose examples and parts to enable are commented', async () => {
  for (const files of [await templates(), await seed(), await enabledFiles()]) expect(await look(files)).toEqual([])
})

it('finds what no kustomization lists, and does not care for what is none of its business', async () => {
  const files = {
    ...(await enabledFiles()),
    [`${base}/secretstores/app.yaml`]: external,
    [`${base}/values.yaml`]: 'a: 1\n',
    [`${base}/job.yaml`]: 'apiVersion: batch/v1\nkind: Job\nmetadata: { name: job }\n',
    'apps/app.yaml': external,
  }
  expect(await look(files)).toEqual([
    {
      about: `${base}/secretstores/app.yaml`,
      why: 'It holds an ExternalSecret, and no kustomization that Flux builds lists it.',
      fix: ['Add it to the resources of the kustomization beside it, or remove it.'],
      at: { path: `${base}/secretstores/app.yaml`, line: 2 },
    },
  ])
})

it('finds a second store, Connect and operator as well, and names five of many', async () => {
  const files = await enabledFiles()
  const lost = ['secretstores/onepassword-secretstore.yaml', 'onepassword-connect/deployment.yaml', 'operator/helmrelease.yaml'].map(
    (name) => [`${base}/lost/${name}`, files[`${base}/${name}`] ?? ''],
  )
  expect(found(await look({ ...files, ...Object.fromEntries(lost) })).map((each) => each.replace(/.*It holds an? (\w+),.*/, '$1'))).toEqual(
    ['Deployment', 'HelmRelease', 'ClusterSecretStore'],
  )
  const many = Array.from({ length: 7 }, (_, nth) => [`${base}/lost/${nth}.yaml`, external])
  expect(found(await look({ ...files, ...Object.fromEntries(many) })).at(-1)).toBe('2 more files: The same is true of them.')
})

it('finds a folder that nothing builds', async () => {
  const files = await enabledFiles((text, path) =>
    path.startsWith('clusters/') ? text.replace(`path: ./${base}\n`, 'path: ./elsewhere\n') : text,
  )
  const world = filesWorld(files)
  const { folder } = filesWorld(await enabledFiles()).places
  expect(found(await filesReached.look({ ...world, places: { ...world.places, folder } }))).toEqual([
    `${kustomizationFile}: No Flux Kustomization builds this folder: nothing of it comes to the cluster.`,
  ])
})

it('is not seen without a folder', async () => {
  await expect(look({})).rejects.toThrow('has no External Secrets folder')
})

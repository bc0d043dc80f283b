import { expect, it } from 'vitest'
import { builtFolders } from '../../../src/doctor/files/built.ts'
import type { FilesWorld } from '../../../src/doctor/world.ts'
import { filesWorld } from '../worlds.ts'

const ks = (name: string, path: string, source: string) =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: ${name}, namespace: flux-system }\nspec: { path: ${path}, sourceRef: { kind: GitRepository, name: ${source} } }\n`

function live(world: FilesWorld, ...all: [name: string, path: string, source: string][]): FilesWorld {
  const kustomizations = all.map(([name, path, source]) => ({
    name,
    namespace: 'flux-system',
    path,
    source: { kind: 'GitRepository', name: source },
  }))
  return {
    ...world,
    live: { flux: async () => ({ installed: true, kustomizations, sources: [] }) } as unknown as NonNullable<FilesWorld['live']>,
  }
}

it('takes what the files declare and what the cluster applies of the same repository, not the root of another one', async () => {
  const world = filesWorld({ 'a.yaml': ks('apps', './apps', 'flux-system'), 'b.yaml': ks('other', './', 'other') })
  expect(await builtFolders(world)).toEqual(['apps'])
  const applied = live(world, ['apps', 'apps', 'flux-system'], ['more', 'more', 'flux-system'], ['podinfo', '', 'podinfo'])
  expect(await builtFolders(applied)).toEqual(['apps', 'more'])
})

it('takes the root where it is that of this repository', async () => {
  const world = filesWorld({ 'a.yaml': ks('apps', './apps', 'flux-system'), 'b.yaml': ks('all', './', 'flux-system') })
  expect(await builtFolders(world)).toEqual(['apps', ''])
  expect(await builtFolders(filesWorld({ 'b.yaml': ks('flux-system', './', 'flux-system') }))).toEqual([''])
})

it('takes what the cluster applies where the files declare nothing', async () => {
  expect(await builtFolders(live(filesWorld({}), ['apps', 'apps', 'x'], ['podinfo', '', 'podinfo']))).toEqual(['apps'])
})

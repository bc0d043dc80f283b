import { expect, it } from 'vitest'
import { reach } from '../../src/manifests/graph.ts'
import { type Tree, treeOf } from '../../src/manifests/tree.ts'
import { build } from '../../src/sandbox/kustomize.ts'
import { appTree, base, catalyst, type Files, seed } from '../manifests/layouts.ts'

/** The files whose text the build asked for and got. */
async function readBy(files: Files, folder: string): Promise<string[]> {
  const tree = treeOf(files)
  const read = new Set<string>()
  const watched: Tree = {
    ...tree,
    async read(path) {
      const text = await tree.read(path)
      if (text !== undefined) read.add(path)
      return text
    },
  }
  await build(watched, folder)
  return [...read].sort()
}

it.each<[string, Files, string]>([
  ['the whole infrastructure', seed(), 'infrastructure/base'],
  ['the folder', catalyst(), base],
  ['a folder without a kustomization', seed(), 'clusters/home'],
  ['a tree of apps', appTree('  - ./onepassword/ks.yaml'), 'kubernetes/apps'],
  ['an app', appTree(), 'kubernetes/apps/external-secrets/onepassword/app'],
])('what is said to be reached is what a build reads: %s', async (_, files, folder) => {
  expect(await readBy(files, folder)).toEqual([...(await reach(treeOf(files), folder))].sort())
})

import type { SourceText } from './source.ts'
import { type Tree, treeOf } from './tree.ts'

/** A tree as it will be once these files are added to it. */
export function overlay(tree: Tree, files: readonly SourceText[]): Tree {
  const added = treeOf(Object.fromEntries(files.map(({ path, text }) => [path, text])), tree.root)
  return {
    root: tree.root,
    read: async (path) => (await added.read(path)) ?? tree.read(path),
    list: async (folder) => [...new Set([...(await added.list(folder)), ...(await tree.list(folder))])].sort(),
    isFolder: async (path) => (await added.isFolder(path)) || tree.isFolder(path),
    leaves: (path) => tree.leaves(path),
  }
}

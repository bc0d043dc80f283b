import { enableEntry } from '../manifests/kustomization.ts'
import type { SourceText } from '../manifests/source.ts'
import type { Edit } from '../manifests/target.ts'
import { refusePatchedVaults } from '../manifests/vault-patches.ts'
import { setVaults } from '../manifests/vaults.ts'
import { checkFiles } from '../manifests/write.ts'
import type { World } from './world.ts'

/** What the three file steps do, in their order: each starts from what the one before it leaves. */
export interface Edits {
  manifests: Edit[]
  vaults: Edit[]
  components: Edit[]
}

/** Throws a Failure for a file that can't be patched, or can't be written. */
export async function editsOf(world: World): Promise<Edits> {
  const [folder, tree, declared] = await Promise.all([world.folder(), world.tree(), world.declared()])
  await refusePatchedVaults(tree, folder, declared, world.inputs.vaults)
  const manifests = (await world.missing()).map(({ path, text }) => ({ path, before: undefined, after: text }))
  const [patch, listing] = await Promise.all([patchOf(world), world.listing()])
  const changed = (files: SourceText[]) =>
    files.map((file) => ({ path: file.path, before: file.text, after: patch(file) })).filter(({ before, after }) => before !== after)
  const edits = {
    manifests: [...manifests, ...changed(listing === undefined ? [] : [listing.file])],
    vaults: changed(storeFiles(folder.stores)),
    components: changed([folder.kustomization]),
  }
  // Each file once, as the first step finds it: a file that can't be written stops the run before anything is done.
  const all = [...edits.components, ...edits.vaults, ...edits.manifests]
  await checkFiles(tree.root, [...new Map(all.map((each) => [each.path, each])).values()])
  return edits
}

/** What this run makes of one of its files: also used to tell whether an uncommitted change is our own. */
export async function patchOf(world: World): Promise<(file: SourceText) => string> {
  const [folder, listing] = await Promise.all([world.folder(), world.listing()])
  const stores = new Set(folder.stores.map(({ file }) => file.path))
  const entries = [folder.components.connect, folder.components.stores].filter(({ state }) => state !== 'external')
  return (file) => {
    if (listing !== undefined && file.path === listing.file.path) return enableEntry(file, { entry: listing.entry, list: 'resources' })
    const named = stores.has(file.path) ? setVaults(file, world.inputs.vaults) : file.text
    if (file.path !== folder.kustomization.path) return named
    return entries.reduce((text, { entry, list }) => enableEntry({ path: file.path, text }, { entry, list }), named)
  }
}

/** The files that hold the stores, each once, in the order of the stores. */
export function storeFiles(stores: readonly { file: SourceText }[]): SourceText[] {
  return [...new Map(stores.map(({ file }) => [file.path, file])).values()]
}

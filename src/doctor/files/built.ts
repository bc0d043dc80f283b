import { Failure } from '../../failure.ts'
import { objectsOf, type Placed } from '../../manifests/content.ts'
import { reach } from '../../manifests/graph.ts'
import { shared } from '../shared.ts'
import type { FilesWorld } from '../world.ts'

/** The folders of the working tree that Flux builds: those of the files' Flux Kustomizations, and of the cluster's. */
export const builtFolders = shared(async ({ places, live }: FilesWorld): Promise<string[]> => {
  const [declared, view] = await Promise.all([places.declared(), live?.flux().catch(none)])
  const applied = view?.kustomizations ?? []
  // The root of another repository would be taken for all of this one.
  const known = applied.filter(({ name }) => declared.some((each) => each.name === name))
  const sources = new Set((known.length > 0 ? known : applied.filter(({ path }) => path !== '')).map(({ source }) => source.name))
  for (const { path, source } of declared) if (path !== '' && source !== undefined) sources.add(source.name)
  const ours = [...declared, ...applied].filter(({ source, path }) => (source === undefined ? path !== '' : sources.has(source.name)))
  return [...new Set(ours.map(({ path }) => path))]
})

/** All objects of the files that Flux builds, and of those that hold the stores: they will be built. */
export const builtObjects = shared(async (world: FilesWorld): Promise<Placed[]> => {
  const [tree, folders, folder] = await Promise.all([world.places.tree(), builtFolders(world), world.places.folder().catch(none)])
  const reached = await Promise.all(folders.map((each) => reach(tree, each)))
  const files = new Set([...reached.flatMap((each) => [...each]), ...(folder?.stores ?? []).map(({ file }) => file.path)])
  return objectsOf(
    tree,
    [...files].map((file) => ({ file })),
  )
})

function none(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}

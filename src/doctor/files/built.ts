import { Failure } from '../../failure.ts'
import type { FluxKustomization } from '../../flux/objects.ts'
import { objectsOf, type Placed } from '../../manifests/content.ts'
import type { DeclaredKustomization } from '../../manifests/flux-files.ts'
import { reach } from '../../manifests/graph.ts'
import { shared } from '../shared.ts'
import type { FilesWorld } from '../world.ts'

/**
 * The Flux Kustomizations that build this working tree: those that its files declare, and those of the cluster that no file does.
 * Whoever reads another repository builds other files, whatever path it names: its root would be taken for all of this one.
 */
export const kustomizationsHere = shared(async ({ places, live }: FilesWorld): Promise<(DeclaredKustomization | FluxKustomization)[]> => {
  const [declared, view] = await Promise.all([places.declared(), live?.flux().catch(none)])
  const applied = view?.kustomizations ?? []
  const known = applied.filter(({ name }) => declared.some((each) => each.name === name))
  const sources = new Set((known.length > 0 ? known : applied.filter(({ path }) => path !== '')).map(({ source }) => source.name))
  for (const { path, source } of declared) if (path !== '' && source !== undefined) sources.add(source.name)
  // What flux bootstrap calls the source of the repository that it writes to.
  if (sources.size === 0) sources.add('flux-system')
  const only = applied.filter(({ name }) => !declared.some((each) => each.name === name))
  return [...declared, ...only].filter(({ source, path }) => (source === undefined ? path !== '' : sources.has(source.name)))
})

/** The folders that they build. */
export async function builtFolders(world: FilesWorld): Promise<string[]> {
  return [...new Set((await kustomizationsHere(world)).map(({ path }) => path))]
}

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

import { Failure } from '../failure.ts'
import type { FluxView } from '../flux/objects.ts'
import type { Repository } from '../git/repository.ts'
import { discover, whichReach } from '../manifests/discover.ts'
import { folderKustomization } from '../manifests/folder-kustomization.ts'
import { workingTree } from '../manifests/tree.ts'
import { pathFromTop } from '../steps/places.ts'

interface Where {
  repository: Repository | undefined
  inputs: { repo: string; path?: string }
}

/**
 * The External Secrets folder of the working tree: the one that is named, or the only one that Flux builds.
 * Throws a Failure where there is none, or where it isn't clear which one is meant.
 */
export async function folderOf({ repository, inputs }: Where, flux: Pick<FluxView, 'kustomizations'>): Promise<string> {
  if (repository === undefined) {
    throw new Failure({
      id: 'no-working-tree',
      exit: 'blocked',
      what: 'There is no working tree here, so there is no folder for STATUS.md.',
      fix: 'eso-bootstrap status --write --repo <folder>',
    })
  }
  const tree = workingTree(repository.root)
  const named = await pathFromTop(inputs, repository.root)
  if (named !== undefined && (await tree.isFolder(named))) return named
  const found = named === undefined ? await discover(tree, [...flux.kustomizations]) : []
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const several = `Flux builds several External Secrets folders of this working tree: ${found.join(', ')}.`
  const none =
    named === undefined ? 'Flux builds no External Secrets folder of this working tree.' : 'There is no folder that --path names.'
  throw new Failure({
    id: 'status-folder',
    exit: 'blocked',
    what: found.length > 1 ? several : none,
    fix: 'eso-bootstrap status --write --path <folder>',
  })
}

/** The Flux Kustomizations that build that folder's kustomization in the working tree; none where there is no such tree. */
export async function reachedIn(where: Where, flux: FluxView): Promise<{ namespace: string; name: string }[]> {
  if (where.repository === undefined) return []
  try {
    const tree = workingTree(where.repository.root)
    const { path } = await folderKustomization(tree, await folderOf(where, flux))
    const reached = await whichReach(tree, [path], flux.kustomizations)
    return reached.filter(({ reads }) => reads.length > 0).map(({ kustomization }) => kustomization)
  } catch (error) {
    // What is wrong with files is told by whoever changes them.
    if (error instanceof Failure) return []
    throw error
  }
}

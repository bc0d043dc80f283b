import { Failure } from '../failure.ts'
import { patchOf, storeFiles } from './edits.ts'
import type { World } from './world.ts'

/**
 * The files that have to be committed: those that this run changes, and those that an earlier run changed and left
 * uncommitted. That a change is ours is seen by making it again from what HEAD holds: anything more in the file is
 * somebody's work, and a Failure, unless git is left alone.
 */
export async function ownFiles(world: World): Promise<string[]> {
  const { manifests, vaults, components } = await world.edits()
  const folder = await world.folder()
  const edits = [...manifests, ...vaults, ...components]
  const changed = [...new Set(edits.map(({ path }) => path))]
  if (world.inputs.offline && (world.inputs.git ?? 'none') === 'none') return changed
  const repository = await world.repository()
  const all = [...new Set([...changed, folder.kustomization.path, ...storeFiles(folder.stores).map(({ path }) => path)])]
  const [dirt, patch, rendered] = await Promise.all([repository.dirty(all), patchOf(world), world.rendered()])
  if ((world.inputs.git ?? 'none') === 'none') return [...new Set([...changed, ...dirt.map(({ path }) => path)])]
  const tree = await world.tree()
  for (const { path } of dirt) {
    const now = edits.findLast((edit) => edit.path === path)?.after ?? (await tree.read(path))
    const base = (await repository.show('HEAD', path)) ?? rendered.find((file) => file.path === path)?.text
    const expected = base === undefined ? undefined : patch({ path, text: base })
    if (now !== expected) throw dirty(path)
  }
  return [...new Set([...changed, ...dirt.map(({ path }) => path)])]
}

function dirty(path: string): Failure {
  return new Failure({
    id: 'file-dirty',
    exit: 'blocked',
    what: `${path} has changes of yours that are not committed.`,
    why: 'The commit would take them along.',
    fix: [`git commit ${path}`, `or put them aside: git stash push -- ${path}`],
  })
}

import type { Look } from '../engine/step.ts'
import { unifiedDiff } from '../manifests/diff.ts'
import type { Edit } from '../manifests/target.ts'
import { writeFiles } from '../manifests/write.ts'
import type { World } from './world.ts'

/** The look of a step that patches files: what it says when there is nothing to do, and the diffs when there is. */
export async function fileLook(
  world: World,
  edits: readonly Edit[],
  says: { already: string; pending: string },
  notes: string[] = [],
): Promise<Look> {
  if (edits.length === 0) return { is: 'already', says: says.already, notes }
  return {
    is: 'pending',
    says: says.pending,
    notes,
    changes: edits.map(({ path, before, after }) => ({ action: 'update', what: path, diff: unifiedDiff(path, before, after) })),
    async makeItSo() {
      const undo = await writeFiles((await world.tree()).root, edits)
      // For a pull request they are written to be committed elsewhere: the branch that is checked out stays as it is.
      const release = world.inputs.branch === undefined ? {} : { release: undo }
      return { says: `${edits.map(({ path }) => path).join(', ')} written`, undo, ...release }
    },
  }
}

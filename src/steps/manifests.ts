import type { Step } from '../engine/step.ts'
import { unifiedDiff } from '../manifests/diff.ts'
import { writeFiles } from '../manifests/write.ts'
import type { World } from './world.ts'

/** The External Secrets folder exists in the working tree. */
export const manifests: Step<World> = {
  id: 'manifests',
  title: 'the External Secrets folder exists',
  async look(world) {
    const [folder, { manifests: edits }] = await Promise.all([world.folder(), world.edits()])
    if (edits.length === 0) return { is: 'already', says: folder.path }
    return {
      is: 'pending',
      says: `write ${edits.length} files from the templates`,
      changes: edits.map(({ path, before, after }) => ({
        action: before === undefined ? 'create' : 'update',
        what: path,
        ...(before === undefined ? {} : { diff: unifiedDiff(path, before, after) }),
      })),
      async makeItSo() {
        const undo = await writeFiles((await world.tree()).root, edits)
        return { says: `${edits.length} files written`, undo }
      },
    }
  },
}

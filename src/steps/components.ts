import type { Step } from '../engine/step.ts'
import { fileLook } from './file-step.ts'
import type { World } from './world.ts'

/** The folder's kustomization lists Connect and the stores. */
export const components: Step<World> = {
  id: 'components',
  title: 'the kustomization lists Connect and the stores',
  async look(world) {
    const [{ components: edits }, { components: entries, kustomization }] = await Promise.all([world.edits(), world.folder()])
    const both = `${entries.connect.entry} and ${entries.stores.entry}`
    return fileLook(world, edits, { already: `${kustomization.path} lists ${both}`, pending: `${kustomization.path}: list ${both}` })
  },
}

import type { Step } from '../engine/step.ts'
import { fileLook } from './file-step.ts'
import type { World } from './world.ts'

/** The folder's kustomization lists Connect and the stores. */
export const components: Step<World> = {
  id: 'components',
  title: 'the kustomization lists Connect and the stores',
  async look(world) {
    const [{ components: edits }, { components: entries, kustomization }] = await Promise.all([world.edits(), world.folder()])
    const here = [entries.connect, entries.stores].filter(({ state }) => state !== 'external')
    const named = here.map(({ entry }) => entry).join(' and ')
    const notes = entries.connect.state === 'external' ? ['Connect is not in this folder: it has to run elsewhere'] : []
    const says = { already: `${kustomization.path} lists ${named}`, pending: `${kustomization.path}: list ${named}` }
    return fileLook(world, edits, says, notes)
  },
}

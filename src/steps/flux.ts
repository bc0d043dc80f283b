import type { Step } from '../engine/step.ts'
import { whichReach } from '../manifests/discover.ts'
import type { World } from './world.ts'

/** Flux runs, and one of its Kustomizations builds the folder from the branch that is pushed. */
export const flux: Step<World> = {
  id: 'flux',
  title: 'Flux builds the External Secrets folder',
  async look(world) {
    const [view, site, folder] = await Promise.all([world.flux(), world.site(), world.folder()])
    const version = view.version === undefined ? 'Flux' : `Flux ${view.version}`
    const { kustomization, source, branch } = site
    if (kustomization === undefined) return { is: 'already', says: `${version} follows ${branch} of ${source.namespace}/${source.name}` }
    return {
      is: 'already',
      says: `${version} builds ${folder.path} as Kustomization ${kustomization.namespace}/${kustomization.name}, from ${branch}`,
      notes: await reached(world, folder.kustomization.path),
    }
  },
}

/** A base that several clusters share changes on all of them. */
async function reached(world: World, path: string): Promise<string[]> {
  const declared = await whichReach(await world.tree(), [path], await world.declared())
  const clusters = [
    ...new Set(
      declared.filter(({ reads }) => reads.length > 0).map(({ kustomization: { file } }) => file.split('/').slice(0, 2).join('/')),
    ),
  ]
  return clusters.length > 1 ? [`this folder is shared: a change reaches ${clusters.join(', ')}`] : []
}

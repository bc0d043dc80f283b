import { Failure } from '../../failure.ts'
import { treeOf } from '../../status/tree.ts'
import { type FilesCheck, findingOf } from '../check.ts'
import type { FilesWorld } from '../world.ts'
import { folderOf } from './folder-of.ts'

export const folderFound: FilesCheck = {
  id: 'folder-found',
  category: 'files',
  title: 'Flux builds an External Secrets folder of this working tree',
  severity: 'error',
  needs: ['flux-installed'],
  page: {
    symptom: 'Nothing of External Secrets ever comes to the cluster, and no Flux object says why.',
    cause:
      'No kustomization that a Flux Kustomization builds lists the 1Password stores. What is not reached from a spec.path is never applied.',
    fix: 'Write the folder from the templates with eso-bootstrap init --scaffold, or name the one that is there with --path.',
    sources: ['https://fluxcd.io/flux/components/kustomize/kustomizations/#path'],
  },
  looksAt: 'files',
  async look(world) {
    try {
      if ((await world.places.folder()) !== undefined) return []
    } catch (error) {
      if (!(error instanceof Failure && error.id === 'several-folders')) throw error
      const fix = error.fix.map((each) => each.replace('eso-bootstrap init', 'eso-bootstrap doctor'))
      return [{ ...findingOf('the working tree', error), fix }]
    }
    // Of a repository that Flux doesn't follow nothing has to be expected.
    if (world.live !== undefined && !(await isFollowed(world))) await folderOf(world)
    return [
      {
        about: 'the working tree',
        why: 'It has no External Secrets folder that Flux builds.',
        fix: ['eso-bootstrap init --scaffold   (writes it from the templates)', 'eso-bootstrap doctor --path <folder>   (if it is there)'],
      },
    ]
  },
}

async function isFollowed({ live }: FilesWorld): Promise<boolean> {
  if (live === undefined) return true
  const { sources } = await live.flux()
  const trees = await Promise.all(sources.map((source) => treeOf(live, source)))
  return trees.some((tree) => tree !== undefined && tree.is !== 'other')
}

/** What `readFolder` refuses is found here; what can't be read at all is not looked at. */
export const folderReadable: FilesCheck = {
  id: 'folder-readable',
  category: 'files',
  title: 'the External Secrets folder can be read, and each of its entries leads somewhere',
  severity: 'error',
  needs: ['flux-installed'],
  page: {
    symptom: 'Flux says BuildFailed, or eso-bootstrap init refuses the folder.',
    cause:
      'An entry of a kustomization leads nowhere or stands in the wrong list, a file is no valid YAML, or the containers of Connect contradict each other.',
    fix: 'Mend the file that is named; kustomize build shows the same error.',
    sources: ['https://fluxcd.io/flux/components/kustomize/kustomizations/#troubleshooting'],
  },
  looksAt: 'files',
  async look({ places }) {
    try {
      await places.folder()
      return []
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'blocked' || unreadable.has(error.id)) throw error
      const [, path = '', line = '1'] = /^([^\s:]+\.ya?ml):(\d+)/.exec(error.message) ?? []
      const at = path === '' ? {} : { at: { path, line: Number(line) } }
      return [{ ...findingOf('the External Secrets folder', error), ...at }]
    }
  },
}

/** What says that there is nothing to read here. */
const unreadable = new Set(['flux-absent', 'not-a-repository', 'git-missing'])

export const componentsListed: FilesCheck = {
  id: 'components-listed',
  category: 'files',
  title: 'the kustomization lists Connect and the stores',
  severity: 'error',
  needs: ['folder-found', 'folder-readable'],
  page: {
    symptom: 'There is no ClusterSecretStore in the cluster, and no Connect runs.',
    cause: 'Both need Secrets that come from no file, so they are commented out until these are there.',
    fix: 'Run eso-bootstrap init: it makes the Secrets first, then enables the two entries, pushes, and proves that a value comes through.',
    sources: ['https://external-secrets.io/latest/provider/1password-automation/'],
  },
  looksAt: 'files',
  async look(world) {
    const { components, kustomization } = await folderOf(world)
    const off = [components.connect, components.stores].filter(({ state }) => state === 'commented' || state === 'absent')
    if (off.length === 0) return []
    const [{ line = 1 } = {}] = off
    const entries = off.map(({ entry }) => entry).join(' and ')
    return [
      {
        about: kustomization.path,
        why: `It is not set up yet: ${entries} ${off.length === 1 ? 'is' : 'are'} not among the entries that Flux builds.`,
        fix: ['eso-bootstrap init'],
        at: { path: kustomization.path, line },
      },
    ]
  },
}

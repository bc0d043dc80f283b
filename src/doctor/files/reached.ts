import { isConnect } from '../../manifests/connect.ts'
import { objectsOf, type Placed } from '../../manifests/content.ts'
import { groupOf } from '../../manifests/documents.ts'
import { entriesOf } from '../../manifests/entries.ts'
import { yamlFiles } from '../../manifests/flux-files.ts'
import { kustomizationNames, reach } from '../../manifests/graph.ts'
import { isOperator } from '../../manifests/operator.ts'
import { isStore } from '../../manifests/secret-stores.ts'
import type { Tree } from '../../manifests/tree.ts'
import type { FilesCheck, Finding } from '../check.ts'
import { builtFolders } from './built.ts'
import { fewest } from './fewest.ts'
import { folderOf } from './folder-of.ts'

export const filesReached: FilesCheck = {
  id: 'files-reached',
  category: 'files',
  title: 'Flux builds every store, ExternalSecret, Connect and operator of the External Secrets folder',
  severity: 'warning',
  needs: ['folder-found', 'folder-readable'],
  page: {
    symptom: 'A file was added, committed and pushed, and nothing of it is in the cluster. Flux says nothing.',
    cause: 'kustomize builds what resources and components list, and nothing else of a folder that has a kustomization.',
    fix: 'Add the file to the resources of the kustomization beside it. One that is to stay off can be listed in a comment.',
    sources: [
      'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/',
      'https://fluxcd.io/flux/components/kustomize/kustomizations/#generating-a-kustomizationyaml-file',
    ],
  },
  looksAt: 'files',
  async look(world) {
    const [tree, folder, built] = await Promise.all([world.places.tree(), folderOf(world), builtFolders(world)])
    // Nothing is known of what builds it.
    if (built.length === 0) return []
    const files = await yamlFiles(tree, folder.path)
    const also = await switchedOff(tree, files)
    const reached = new Set((await Promise.all(built.map((each) => reach(tree, each, { also })))).flatMap((each) => [...each]))
    if (!reached.has(folder.kustomization.path)) {
      const why = 'No Flux Kustomization builds this folder: nothing of it comes to the cluster.'
      return [{ about: folder.kustomization.path, why, fix: ['eso-bootstrap init'], at: { path: folder.kustomization.path, line: 1 } }]
    }
    const objects = await objectsOf(
      tree,
      files.map((file) => ({ file })),
    )
    const lost = objects.filter((each) => !reached.has(each.file) && matters(each, objects))
    const byFile = new Map(lost.toReversed().map((each) => [each.file, each]))
    const findings = [...byFile.values()].toReversed().map(({ file, line, object }): Finding => {
      const why = `It holds ${/^[AEIOU]/.test(object['kind']) ? 'an' : 'a'} ${object['kind']}, and no kustomization that Flux builds lists it.`
      return { about: file, why, fix: ['Add it to the resources of the kustomization beside it, or remove it.'], at: { path: file, line } }
    })
    return fewest(findings, 'files')
  },
}

function matters({ object }: Placed, all: readonly Placed[]): boolean {
  const isExternalSecret = groupOf(object) === 'external-secrets.io' && /^(Cluster)?ExternalSecret$/.test(object['kind'])
  return isExternalSecret || isStore(object) || isConnect(object, all) || isOperator(object, all)
}

/** What somebody has commented out is off on purpose, until init or a person enables it. */
async function switchedOff(tree: Tree, files: readonly string[]): Promise<Map<string, string[]>> {
  const lists = files.filter((file) => (kustomizationNames as readonly string[]).includes(file.split('/').at(-1) ?? ''))
  const found = await Promise.all(
    lists.map(async (file) => {
      const entries = entriesOf((await tree.read(file)) ?? '').filter(({ state }) => state === 'commented')
      return [file, entries.map(({ entry }) => entry)] as const
    }),
  )
  return new Map(found)
}

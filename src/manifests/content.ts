import { type Loaded, objectsAt } from './documents.ts'
import type { List } from './entries.ts'
import { kustomizationsIn } from './flux-files.ts'
import { kustomizationFile, readBuild } from './graph.ts'
import type { Tree } from './tree.ts'

/** A file that an entry of a kustomization leads to. */
export interface Reached {
  file: string
  /** What the outermost `namespace:` or `targetNamespace` on the way there makes of its objects. */
  namespace?: string
  /** The file with the Flux Kustomization that led here, where one did: the files are built apart from the entry. */
  through?: string
}

/** An object, with where it was found. */
export interface Placed extends Reached, Loaded {}

/**
 * The files that `target` leads to: itself, or all that a build of the folder reads. Where one of them declares a Flux
 * Kustomization (`./onepassword/ks.yaml`), what that one builds is part of it too.
 */
export async function contentOf(tree: Tree, target: string, namespace: string | undefined): Promise<Reached[]> {
  const found = new Map<string, Reached>()

  async function take(folder: string, outer: string | undefined, through: string | undefined): Promise<void> {
    const { files } = await readBuild(tree, folder, outer === undefined ? {} : { namespace: outer })
    for (const [file, at] of files) await add({ file, ...at, ...(through !== undefined && { through }) })
  }

  async function add(reached: Reached): Promise<void> {
    if (found.has(reached.file)) return
    found.set(reached.file, reached)
    if (!isYaml(reached.file)) return
    for (const declared of await kustomizationsIn(tree, reached.file)) await take(declared.path, declared.targetNamespace, reached.file)
  }

  if (await tree.isFolder(target)) await take(target, namespace, undefined)
  else await add({ file: target, ...(namespace !== undefined && { namespace }) })
  return [...found.values()]
}

/** The objects in these files. */
export async function objectsOf(tree: Tree, files: readonly Reached[]): Promise<Placed[]> {
  const found = files
    .filter(({ file }) => isYaml(file))
    .map(async (reached) => (await objectsAt(tree, reached.file)).map((each) => ({ ...reached, ...each })))
  return (await Promise.all(found)).flat()
}

/** The list that an entry with this target belongs to: a Component is only allowed under `components`, and nothing else is. */
export async function listFor(tree: Tree, target: string): Promise<List> {
  const file = await kustomizationFile(tree, target)
  if (file === undefined) return 'resources'
  return (await objectsAt(tree, file))[0]?.object['kind'] === 'Component' ? 'components' : 'resources'
}

function isYaml(file: string): boolean {
  return /\.(ya?ml|json)$/.test(file)
}

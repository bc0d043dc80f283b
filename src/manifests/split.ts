import { Failure } from '../failure.ts'
import { objectsOf, type Placed } from './content.ts'
import { deadlock } from './deadlock.ts'
import { mapAt, mapsOf } from './documents.ts'
import { entriesOf } from './entries.ts'
import { type DeclaredKustomization, declaredKustomizations } from './flux-files.ts'
import { kustomizationFile, reach } from './graph.ts'
import { enableEntry } from './kustomization.ts'
import { isOperator } from './operator.ts'
import { overlay } from './overlay.ts'
import { isStore } from './secret-stores.ts'
import { parseSource } from './source.ts'
import { operatorFirst } from './split-flux.ts'
import { withoutEntries } from './split-list.ts'
import type { Edit } from './target.ts'
import { folderOf, resolvePath, type Tree } from './tree.ts'

/** One Flux Kustomization made into two: the operator's, and the old one, which waits for it. */
export interface Split {
  /** The new one. */
  name: string
  edits: Edit[]
  /** What the new one builds: the old one would prune it if it lost it before the new one has taken it over. */
  moved: Placed[]
  prunes: boolean
}

/**
 * How a Flux Kustomization that builds operator and stores becomes two, with as few changes as possible; undefined where that
 * isn't safe to say from the files: several build the operator, it has no folder of its own, or what stays behind changes it or
 * is needed by it. https://external-secrets.io/latest/examples/gitops-using-fluxcd/
 */
export async function splitOf(tree: Tree, kustomization: DeclaredKustomization): Promise<Split | undefined> {
  try {
    return await split(tree, kustomization)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

async function split(tree: Tree, kustomization: DeclaredKustomization): Promise<Split | undefined> {
  const declared = await declaredKustomizations(tree)
  const name = `${kustomization.name}-operator`
  const home = await homeOf(tree, kustomization.path)
  if (home === undefined || declared.some((each) => each.name === name)) return undefined
  const builds = await Promise.all(declared.map(({ path }) => reach(tree, path)))
  if (builds.filter((files) => files.has(home.kustomization)).length !== 1) return undefined

  const namespace = await namespaceBeside(tree, home)
  const changed = new Map([
    [home.listedIn, withoutEntries(await sourceAt(tree, home.listedIn), [home.entry, ...(namespace ? [namespace.entry] : [])])],
  ])
  if (namespace)
    changed.set(
      home.kustomization,
      enableEntry(await textAt(tree, home.kustomization), { entry: namespace.seenFromHome, list: 'resources' }),
    )
  const flux = operatorFirst(await sourceAt(tree, kustomization.file), kustomization, { name, path: home.folder })
  changed.set(kustomization.file, flux.text)
  const edits = await Promise.all([...changed].map(async ([path, after]) => ({ path, before: (await textAt(tree, path)).text, after })))
  const moved = await movedWhole(
    tree,
    overlay(
      tree,
      edits.map(({ path, after }) => ({ path, text: after })),
    ),
    kustomization,
    name,
  )
  return moved && { name, edits, moved, prunes: flux.prunes }
}

/** The folder that brings the operator and no store, and the kustomization that lists it. */
interface Home {
  folder: string
  kustomization: string
  listedIn: string
  entry: string
  objects: Placed[]
}

/** What a kustomization may say without changing what it lists. */
const plainFields = new Set(['apiVersion', 'kind', 'metadata', 'resources'])

async function homeOf(tree: Tree, folder: string): Promise<Home | undefined> {
  const file = await kustomizationFile(tree, folder)
  if (file === undefined) return undefined
  const source = await sourceAt(tree, file)
  if (Object.keys(mapAt(source.models[0])).some((field) => !plainFields.has(field))) return undefined
  for (const { entry, state } of entriesOf(source.text)) {
    const target = resolvePath(folder, entry)
    const kustomization = target === undefined || state !== 'live' ? undefined : await kustomizationFile(tree, target)
    if (target === undefined || kustomization === undefined) continue
    const objects = await objectsOf(
      tree,
      [...(await reach(tree, target))].map((each) => ({ file: each })),
    )
    if (!objects.some(({ object }) => isOperator(object, objects))) continue
    const inner = await homeOf(tree, target)
    if (inner !== undefined) return inner
    return objects.some(({ object }) => isStore(object)) ? undefined : { folder: target, kustomization, listedIn: file, entry, objects }
  }
  return undefined
}

/** The operator's Namespace, where it is a file of its own beside it: nothing would come up if it waited for the operator. */
async function namespaceBeside(
  tree: Tree,
  { folder, listedIn, objects }: Home,
): Promise<{ entry: string; seenFromHome: string } | undefined> {
  const needed = new Set(objects.map(({ object }) => mapAt(object, 'metadata')['namespace']))
  for (const { entry, state } of entriesOf((await textAt(tree, listedIn)).text)) {
    const target = resolvePath(folderOf(listedIn), entry)
    if (target === undefined || state !== 'live' || (await tree.isFolder(target))) continue
    const found = await objectsOf(tree, [{ file: target }])
    const [only] = found
    if (found.length !== 1 || only?.object['kind'] !== 'Namespace' || !needed.has(mapAt(only.object, 'metadata')['name'])) continue
    const up = folder
      .slice(folderOf(listedIn).length)
      .split('/')
      .filter(Boolean)
      .map(() => '..')
    return { entry, seenFromHome: `${up.join('/')}/${entry.replace(/^\.\//, '')}` }
  }
  return undefined
}

/** Both together build what the one has built, nothing twice, in order; and the first needs nothing of the second. Gives what moved. */
async function movedWhole(tree: Tree, after: Tree, { path, ...old }: DeclaredKustomization, name: string): Promise<Placed[] | undefined> {
  const declared = await declaredKustomizations(after)
  const operator = declared.find((each) => each.name === name)
  if (operator === undefined) return undefined
  const layout = await deadlock(
    after,
    declared.filter((each) => each === operator || each.name === old.name),
  )
  const [whole, first, second] = await Promise.all([reach(tree, path), reach(after, operator.path), reach(after, path)])
  const isWhole = [...whole].every((file) => first.has(file) !== second.has(file)) && first.size + second.size === whole.size
  if (!isWhole || !layout.isOrdered || layout.stores.length === 0) return undefined
  const [moved, left] = await Promise.all(
    [first, second].map((files) =>
      objectsOf(
        after,
        [...files].map((file) => ({ file })),
      ),
    ),
  )
  const names = (left ?? []).map(({ object }) => `${object['kind']} ${mapAt(object, 'metadata')['name']}`)
  return (moved ?? []).flatMap(needs).some((each) => names.includes(each)) ? undefined : moved
}

/** What an object can't do without, as `kind name`. */
function needs({ object }: Placed): string[] {
  const { chartRef, valuesFrom, dependsOn, secretRef, serviceAccountName } = mapAt(object, 'spec')
  const references = [
    mapAt(object, 'spec', 'chart', 'spec', 'sourceRef'),
    mapAt(chartRef),
    ...mapsOf(valuesFrom),
    ...mapsOf(dependsOn).map(({ name }) => ({ kind: 'HelmRelease', name })),
    { kind: 'Secret', name: mapAt(secretRef)['name'] },
    { kind: 'ServiceAccount', name: serviceAccountName },
    { kind: 'Namespace', name: mapAt(object, 'metadata')['namespace'] },
  ]
  return references.flatMap(({ kind, name }) => (name === undefined ? [] : [`${kind} ${name}`]))
}

async function textAt(tree: Tree, path: string) {
  return { path, text: (await tree.read(path)) ?? '' }
}

async function sourceAt(tree: Tree, path: string) {
  return parseSource(await textAt(tree, path))
}

import { posix } from 'node:path'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { generatedEntries, isRemote, pathIn } from '../manifests/graph.ts'
import { isBelow, resolvePath, type Tree } from '../manifests/tree.ts'
import { type Kustomization, kustomizationIn } from './kustomize/file.ts'
import { patched } from './kustomize/patch.ts'
import { idOf, resourcesIn } from './kustomize/resources.ts'
import { annotated, inNamespace, labelled } from './kustomize/transform.ts'

/**
 * `kustomize build`, as Flux calls it, on the files of a tree: resources, components, `namespace`, labels, annotations and
 * patches. A folder without a kustomization gets the one that Flux would make. It throws an Error in kustomize's words
 * (v5.5) where kustomize would stop, and "… not supported by the sandbox" for all that this one can't do.
 */
export async function build(tree: Tree, folder: string): Promise<KubernetesObject[]> {
  const at = resolvePath('', folder)
  if (at === undefined || !(await tree.isFolder(at))) throw new Error(`stat ${shown(tree, folder)}: no such file or directory`)
  const found = await kustomizationIn(tree, at)
  const kustomization: Kustomization = found ?? { kind: 'Kustomization', resources: await generatedEntries(tree, at) }
  const objects = await accumulate({ tree, visited: [at] }, at, kustomization, [])
  return objects.filter((each) => each.metadata.annotations?.['config.kubernetes.io/local-config'] !== 'true')
}

interface Way {
  tree: Tree
  /** The folders that led here, this one included. */
  visited: readonly string[]
}

/** A component starts from what its parent has gathered, and its transformers act on all of it. */
async function accumulate(way: Way, folder: string, kustomization: Kustomization, from: KubernetesObject[]): Promise<KubernetesObject[]> {
  let objects = from
  for (const entry of [...(kustomization.resources ?? []), ...(kustomization.bases ?? [])]) {
    objects = await resource(way, folder, entry, objects)
  }
  for (const entry of kustomization.components ?? []) objects = await component(way, folder, entry, objects)
  return await transformed(way.tree, folder, kustomization, objects)
}

async function resource(way: Way, folder: string, entry: string, objects: KubernetesObject[]): Promise<KubernetesObject[]> {
  const target = resolvePath(folder, entry)
  if (target !== undefined && (await way.tree.isFolder(target))) return await base(way, target, entry, objects)
  const at = shown(way.tree, pathIn(folder, entry))
  const text = target === undefined ? undefined : await way.tree.read(target)
  if (text === undefined) {
    if (isRemote(entry)) throw new Error(`fetching ${entry} is not supported by the sandbox`)
    const lost = `evalsymlink failure on '${at}' : lstat ${at}: no such file or directory`
    throw notAccumulated(entry, lost, `must build at directory: not a valid directory: ${lost}`)
  }
  const notAFolder = `must build at directory: '${at}': file is not directory`
  const more = orThrow(
    () => resourcesIn(text, entry),
    (why) => notAccumulated(entry, why, notAFolder),
  )
  return orThrow(
    () => merged(objects, more),
    (why) => new Error(`accumulating resources: accumulation err='merging resources from '${entry}': ${why}': ${notAFolder}`),
  )
}

/** A folder among the resources. */
async function base(way: Way, target: string, entry: string, objects: KubernetesObject[]): Promise<KubernetesObject[]> {
  const at = shown(way.tree, target)
  const stop = (reason: string) => notAccumulated(entry, `'${at}' must resolve to a file`, reason)
  if (entry === '') throw stop('new root cannot be empty')
  const inner = entered(way, target, stop)
  const kustomization = await kustomizationIn(way.tree, target)
  if (!kustomization) throw stop(`couldn't make target for path '${at}': ${notFound(at)}`)
  if (kustomization.kind === 'Component') throw stop(`expected kind != 'Component' for path '${at}'`)
  const more = await accumulate(inner, target, kustomization, []).catch((error: Error) => {
    throw stop(`recursed accumulation of path '${at}': ${error.message}`)
  })
  return orThrow(
    () => merged(objects, more),
    (why) => stop(`recursed merging from path '${at}': ${why}`),
  )
}

async function component(way: Way, folder: string, entry: string, objects: KubernetesObject[]): Promise<KubernetesObject[]> {
  const target = resolvePath(folder, entry)
  const at = shown(way.tree, pathIn(folder, entry))
  const stop = (reason: string) => new Error(`accumulating components: ${reason}`)
  if (target === undefined || !(await way.tree.isFolder(target))) {
    if (isRemote(entry)) throw new Error(`fetching ${entry} is not supported by the sandbox`)
    const isFile = target !== undefined && (await way.tree.read(target)) !== undefined
    const why = isFile
      ? `'${at}': file is not directory`
      : `not a valid directory: evalsymlink failure on '${at}' : lstat ${at}: no such file or directory`
    throw stop(`loader.New "must build at directory: ${why}"`)
  }
  const inner = entered(way, target, (reason) => stop(`loader.New "${reason}"`))
  const kustomization = await kustomizationIn(way.tree, target)
  if (!kustomization) throw stop(`accumulateDirectory: "couldn't make target for path '${at}': ${notFound(at)}"`)
  if (kustomization.kind !== 'Component') {
    throw stop(`accumulateDirectory: "expected kind 'Component' for path '${at}' but got '${kustomization.kind}'"`)
  }
  return await accumulate(inner, target, kustomization, objects).catch((error: Error) => {
    throw stop(`accumulateDirectory: "recursed accumulation of path '${at}': ${error.message}"`)
  })
}

/** kustomize takes listing a folder above oneself for a cycle as well. */
function entered(way: Way, target: string, stop: (reason: string) => Error): Way {
  const above = way.visited.find((visited) => isBelow(visited, target))
  if (above !== undefined) {
    throw stop(`cycle detected: candidate root '${shown(way.tree, target)}' contains visited root '${shown(way.tree, above)}'`)
  }
  return { tree: way.tree, visited: [...way.visited, target] }
}

/** Both lists; throws with the id of an object that is in both. */
function merged(objects: KubernetesObject[], more: KubernetesObject[]): KubernetesObject[] {
  const ids = new Set(objects.map(idOf))
  const twice = more.find((each) => ids.size === ids.add(idOf(each)).size)
  if (twice) throw new Error(`may not add resource with an already registered id: ${idOf(twice)}`)
  return [...objects, ...more]
}

/** In kustomize's order: patches, then the namespace, labels, annotations. */
async function transformed(
  tree: Tree,
  folder: string,
  kustomization: Kustomization,
  from: KubernetesObject[],
): Promise<KubernetesObject[]> {
  let objects = await patched(tree, folder, kustomization, structuredClone(from))
  if (kustomization.namespace) objects = inNamespace(objects, kustomization.namespace)
  for (const each of kustomization.labels ?? []) objects = labelled(objects, each.pairs, each)
  if (kustomization.commonLabels) objects = labelled(objects, kustomization.commonLabels, { includeSelectors: true })
  return kustomization.commonAnnotations ? annotated(objects, kustomization.commonAnnotations) : objects
}

function notAccumulated(entry: string, why: string, then: string): Error {
  return new Error(`accumulating resources: accumulation err='accumulating resources from '${entry}': ${why}': ${then}`)
}

function orThrow<T>(make: () => T, wrap: (why: string) => Error): T {
  try {
    return make()
  } catch (error) {
    throw wrap((error as Error).message)
  }
}

function notFound(at: string): string {
  return `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${at}'`
}

function shown(tree: Tree, path: string): string {
  return posix.join(tree.root, path).replace(/(.)\/$/, '$1')
}

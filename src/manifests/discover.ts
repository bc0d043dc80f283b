import { isConnect } from './connect.ts'
import { contentOf, objectsOf, type Reached } from './content.ts'
import { entriesOf } from './entries.ts'
import { isArchived, yamlFiles } from './flux-files.ts'
import { kustomizationFile, reach } from './graph.ts'
import { isConnectStore } from './secret-stores.ts'
import { folderOf, isBelow, resolvePath, type Tree } from './tree.ts'

/** A folder whose kustomization, with what is commented out in it, brings stores of 1Password. */
interface Candidate {
  folder: string
  file: string
  files: Map<string, Reached>
  hasConnect: boolean
  /** An entry that brings the stores or Connect is commented out here. */
  isSwitch: boolean
}

/**
 * The folders that may be meant by "the External Secrets folder": their kustomization lists, live or commented, the stores
 * and Connect, and a Flux Kustomization reaches it. Of two that lead to one another it is the inner one; but a folder that
 * lists `./onepassword/ks.yaml` goes before the `./onepassword/app` which this Flux Kustomization builds.
 * Where nothing brings both, folders that bring stores only. Archived copies never count; with no Flux Kustomization
 * known, reachability isn't asked for.
 */
export async function discover(tree: Tree, flux: readonly { path: string }[]): Promise<string[]> {
  const folders = await kustomizedFolders(tree)
  const reached = await Promise.all(flux.map(({ path }) => reach(tree, path)))
  const candidates = (await Promise.all(folders.map((folder) => candidate(tree, folder)))).filter((each) => each !== undefined)
  const reachable = candidates.filter(({ file }) => flux.length === 0 || reached.some((files) => files.has(file)))
  const whole = reachable.filter((each) => each.hasConnect)
  const rivals = whole.length > 0 ? whole : reachable
  return rivals.filter((each) => !rivals.some((other) => other !== each && goesBefore(other, each))).map((each) => each.folder)
}

/** For each Flux Kustomization, the ones of these files that its build reads: a path prefix says nothing about that. */
export async function whichReach<K extends { path: string }>(
  tree: Tree,
  files: readonly string[],
  flux: readonly K[],
): Promise<{ kustomization: K; reads: string[] }[]> {
  return await Promise.all(
    flux.map(async (kustomization) => {
      const build = await reach(tree, kustomization.path)
      return { kustomization, reads: files.filter((file) => build.has(file)) }
    }),
  )
}

async function kustomizedFolders(tree: Tree): Promise<string[]> {
  const folders = new Set((await yamlFiles(tree)).map(folderOf))
  const withParents = new Set(
    [...folders].flatMap((folder) => ['', ...folder.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))]),
  )
  const kept = [...withParents].filter((folder) => folder === '' || !isArchived(folder)).sort()
  const has = await Promise.all(kept.map((folder) => kustomizationFile(tree, folder)))
  return kept.filter((_, i) => has[i] !== undefined)
}

async function candidate(tree: Tree, folder: string): Promise<Candidate | undefined> {
  const file = await kustomizationFile(tree, folder)
  if (file === undefined) return undefined
  const files = new Map<string, Reached>([[file, { file }]])
  const brings = { stores: false, connect: false, isSwitch: false }
  for (const { entry, state } of entriesOf((await tree.read(file)) ?? '')) {
    const target = resolvePath(folder, entry)
    if (target === undefined) continue
    const content = await contentOf(tree, target, undefined)
    const objects = await objectsOf(tree, await ofInterest(tree, content))
    const stores = objects.some(({ object }) => isConnectStore(object))
    const connect = objects.some(({ object }) => isConnect(object, objects))
    brings.stores ||= stores
    brings.connect ||= connect
    brings.isSwitch ||= state === 'commented' && (stores || connect)
    for (const each of content) if (!files.has(each.file)) files.set(each.file, each)
  }
  if (!brings.stores) return undefined
  return { folder, file, files, hasConnect: brings.connect, isSwitch: brings.isSwitch }
}

/** The files that may hold a store or Connect: most of a repository needn't be parsed. */
async function ofInterest(tree: Tree, files: readonly Reached[]): Promise<Reached[]> {
  const texts = await Promise.all(files.map(({ file }) => tree.read(file)))
  return files.filter((_, i) => /onepassword|connect|OP_SESSION|kind: OCIRepository/i.test(texts[i] ?? ''))
}

/** Of two of which one leads to the other: the inner one, unless it is but an app of the outer one. */
function goesBefore(one: Candidate, other: Candidate): boolean {
  const isOuter = one.files.has(other.file)
  const isInner = other.files.has(one.file)
  if (isOuter === isInner) return false
  return isOuter ? isOwnApp(one, other) : !isOwnApp(other, one)
}

/** True where a Flux Kustomization leads from one to the other, and either is switched off here or lies here, beside what it builds. */
function isOwnApp(parent: Candidate, child: Candidate): boolean {
  const through = parent.files.get(child.file)?.through
  if (through === undefined) return false
  return parent.isSwitch || (isBelow(child.folder, folderOf(through)) && isBelow(child.folder, parent.folder))
}

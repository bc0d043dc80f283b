import { type Connect, isConnect, readConnect } from './connect.ts'
import { contentOf, objectsOf, type Placed } from './content.ts'
import { type Loaded, mapAt, objectsAt } from './documents.ts'
import { entriesOf } from './entries.ts'
import { yamlFiles } from './flux-files.ts'
import { type Entry, type Listed, listingOf, pickEntry } from './folder-entries.ts'
import { folderKustomization } from './folder-kustomization.ts'
import { type Operator, readOperator } from './operator.ts'
import { isConnectStore, isExternalHost, isSdkStore, readSdkStore, readStore, type SdkStore, type Store } from './secret-stores.ts'
import { parseSource, type SourceText } from './source.ts'
import type { Tree } from './tree.ts'

/** What the folder of External Secrets holds, as its files say. */
export interface Folder {
  path: string
  kustomization: SourceText
  /** Every 1Password Connect store that an entry leads to, commented ones too. */
  stores: Store[]
  /** Stores of the 1Password SDK provider: not ours to set up. */
  sdkStores: SdkStore[]
  connect: Connect | undefined
  operator: Operator | undefined
  components: { connect: Entry; stores: Entry }
  /** Where Connect and its Secrets live. */
  namespace: string
  /** The file of that Namespace, if an entry leads to one. */
  namespaceFile?: string
}

/**
 * Reads the folder of External Secrets. Which entries bring Connect and the stores is decided by what their targets hold,
 * through Flux Kustomizations too; their names count only where that tells nothing. Throws a Failure where the
 * kustomization can't be edited, an entry leads nowhere (`entry-target-missing`) or stands in the wrong list (`wrong-list`).
 */
export async function readFolder(tree: Tree, path: string): Promise<Folder> {
  const kustomization = await folderKustomization(tree, path)
  const own = mapAt((await objectsAt(tree, kustomization.path))[0]?.object)['namespace']
  const outer = typeof own === 'string' ? own : undefined
  const listing = await listingOf(tree, path, kustomization.path, entriesOf(kustomization.text))
  const found = await Promise.all(listing.found.map(async (each) => ({ ...each, objects: await contentsOf(tree, each, outer) })))

  const all = distinct(found.flatMap((each) => each.objects))
  const stores = await Promise.all(
    all.filter((each) => isConnectStore(each.object)).map(async (each) => readStore(each, await sourceOf(tree, each.file), each.namespace)),
  )
  const sdkStores = await Promise.all(
    all.filter((each) => isSdkStore(each.object)).map(async (each) => readSdkStore(each, await sourceOf(tree, each.file), each.namespace)),
  )
  const isConnectHere = (each: Loaded) => isConnect(each.object, all)
  const running = all.find(isConnectHere)
  const connect = running && readConnect(running, running.file, running.namespace, all)
  const elsewhere = !connect && stores.length > 0 && stores.every((store) => isExternalHost(store.connectHost))

  const components = {
    connect: await pickEntry(tree, { ...listing, found }, isConnectHere, 'onepassword-connect'),
    stores: await pickEntry(tree, { ...listing, found }, (each) => isConnectStore(each.object), 'secretstores'),
  }
  const namespace =
    outer ?? running?.namespace ?? stores.flatMap((store) => store.token.namespace ?? [])[0] ?? connect?.namespace ?? 'external-secrets'
  const namespaceFile = all.find(
    (each) => each.object['kind'] === 'Namespace' && [mapAt(each.object, 'metadata')['name'], each.namespace].includes(namespace),
  )
  return {
    path,
    kustomization,
    stores,
    sdkStores,
    connect,
    operator: await operatorOf(tree, path, found),
    components: elsewhere ? { ...components, connect: { ...components.connect, state: 'external' } } : components,
    namespace,
    ...(namespaceFile && { namespaceFile: namespaceFile.file }),
  }
}

async function contentsOf(tree: Tree, { target }: Listed, namespace: string | undefined): Promise<Placed[]> {
  const files = await contentOf(tree, target, namespace)
  for (const { file } of files) await refuseBrokenStore(tree, file)
  return objectsOf(tree, files)
}

/** A store in a file that can't be parsed would be passed over in silence: the reason is said instead. */
async function refuseBrokenStore(tree: Tree, file: string): Promise<void> {
  const text = (await tree.read(file)) ?? ''
  if (!/^kind:\s*["']?(Cluster)?SecretStore/m.test(text) || !/^\s*["']?onepassword["']?:/m.test(text)) return
  if ((await objectsAt(tree, file)).some(({ object }) => isConnectStore(object))) return
  parseSource({ path: file, text })
}

/** The operator's HelmRelease: one that an entry leads to, or else one that lies in the folder and is listed nowhere. */
async function operatorOf(tree: Tree, path: string, found: (Listed & { objects: Placed[] })[]): Promise<Operator | undefined> {
  for (const state of ['live', 'commented'] as const) {
    const objects = found.filter((each) => each.state === state).flatMap((each) => each.objects)
    const operator = readOperator(objects, state === 'live')
    if (operator) return operator
  }
  const below = (await yamlFiles(tree, path)).map((file) => ({ file }))
  return readOperator(await objectsOf(tree, below), false)
}

async function sourceOf(tree: Tree, path: string): Promise<SourceText> {
  return { path, text: (await tree.read(path)) ?? '' }
}

function distinct(objects: Placed[]): Placed[] {
  return [...new Map(objects.map((each) => [`${each.file}:${each.line}`, each])).values()]
}

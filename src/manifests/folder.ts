import { type Connect, isConnect, readConnect } from './connect.ts'
import { objectsOf } from './content.ts'
import { type Loaded, mapAt } from './documents.ts'
import { yamlFiles } from './flux-files.ts'
import { distinct, type Filled, folderContents, usual } from './folder-contents.ts'
import { type Entry, pickEntry } from './folder-entries.ts'
import { folderKustomization } from './folder-kustomization.ts'
import { type Operator, readOperator } from './operator.ts'
import { isConnectStore, isExternalHost, isSdkStore, readSdkStore, readStore, type SdkStore, type Store } from './secret-stores.ts'
import type { SourceText } from './source.ts'
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
  const contents = await folderContents(tree, path, kustomization)
  const all = distinct(contents.found)
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
    connect: await pickEntry(tree, contents, isConnectHere, usual.connect),
    stores: await pickEntry(tree, contents, (each) => isConnectStore(each.object), usual.stores),
  }
  const namespace =
    contents.namespace ??
    running?.namespace ??
    stores.flatMap((store) => store.token.namespace ?? [])[0] ??
    connect?.namespace ??
    'external-secrets'
  const namespaceFile = all.find(
    (each) => each.object['kind'] === 'Namespace' && [mapAt(each.object, 'metadata')['name'], each.namespace].includes(namespace),
  )
  return {
    path,
    kustomization,
    stores,
    sdkStores,
    connect,
    operator: await operatorOf(tree, path, contents.found),
    components: elsewhere ? { ...components, connect: { ...components.connect, state: 'external' } } : components,
    namespace,
    ...(namespaceFile && { namespaceFile: namespaceFile.file }),
  }
}

/** The operator's HelmRelease: one that an entry leads to, or else one that lies in the folder and is listed nowhere. */
async function operatorOf(tree: Tree, path: string, found: readonly Filled[]): Promise<Operator | undefined> {
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

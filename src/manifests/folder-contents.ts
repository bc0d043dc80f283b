import { isConnect } from './connect.ts'
import { contentOf, objectsOf, type Placed } from './content.ts'
import { mapAt, objectsAt } from './documents.ts'
import { entriesOf } from './entries.ts'
import { type Listed, type Listing, listingOf, unlisted } from './folder-entries.ts'
import { isConnectStore, isExternalHost } from './secret-stores.ts'
import { parseSource, type SourceText } from './source.ts'
import type { Tree } from './tree.ts'
import { refuseMisspelt } from './vaults.ts'

/** An entry, with the objects of all files that it leads to. */
export type Filled = Listed & { objects: Placed[] }

/** What the two components' folders are called unless somebody has called them otherwise. */
export const usual = { connect: 'onepassword-connect', stores: 'secretstores' }

export interface Contents extends Listing<Filled> {
  /** What the kustomization puts on everything. */
  namespace: string | undefined
}

/**
 * What the entries of the folder's kustomization lead to, commented ones too. A component that none of them brings is looked
 * for in the folder of its usual name beside them: there, only the line that lists it is missing.
 */
export async function folderContents(tree: Tree, folder: string, kustomization: SourceText): Promise<Contents> {
  const own = mapAt((await objectsAt(tree, kustomization.path))[0]?.object)['namespace']
  const namespace = typeof own === 'string' ? own : undefined
  const fill = (some: readonly Listed[]) =>
    Promise.all(some.map(async (each) => ({ ...each, objects: await objectsBehind(tree, each.target, namespace) })))

  const entries = entriesOf(kustomization.text)
  const listing = await listingOf(tree, folder, kustomization.path, entries)
  const listed = await fill(listing.found)
  const objects = distinct(listed)
  const stores = objects.filter(({ object }) => isConnectStore(object))
  const hasConnect =
    objects.some(({ object }) => isConnect(object, objects)) || (stores.length > 0 && stores.every(({ object }) => runsElsewhere(object)))
  const beside = [
    ...(hasConnect ? [] : await unlisted(tree, folder, usual.connect, entries)),
    ...(stores.length > 0 ? [] : await unlisted(tree, folder, usual.stores, entries)),
  ]
  return { ...listing, namespace, found: [...listed, ...(await fill(beside))] }
}

/** All objects that the entries lead to, each once. */
export function distinct(found: readonly Filled[]): Placed[] {
  return [...new Map(found.flatMap(({ objects }) => objects).map((each) => [`${each.file}:${each.line}`, each])).values()]
}

function runsElsewhere(store: object): boolean {
  return isExternalHost(String(mapAt(store, 'spec', 'provider', 'onepassword')['connectHost']))
}

async function objectsBehind(tree: Tree, target: string, namespace: string | undefined): Promise<Placed[]> {
  const files = await contentOf(tree, target, namespace)
  for (const { file } of files) await refuseBrokenStore(tree, file)
  return objectsOf(tree, files)
}

/** A store in a file that can't be parsed, or whose provider nobody knows, would be passed over in silence: the reason is said instead. */
async function refuseBrokenStore(tree: Tree, file: string): Promise<void> {
  const text = (await tree.read(file)) ?? ''
  if (!/^kind:\s*["']?(Cluster)?SecretStore/m.test(text) || !/^\s*["']?onep(assword|wd)["']?:/m.test(text)) return
  if ((await objectsAt(tree, file)).some(({ object }) => isConnectStore(object))) return
  refuseMisspelt(parseSource({ path: file, text }))
}

import type { Cluster } from '../../kubernetes/cluster.ts'
import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { keepHeapSmall } from '../../small-heap.ts'
import { isLeftBehind, isThrowAway } from '../throw-away.ts'
import type { StoreReference } from '../warnings.ts'
import {
  isGenerated,
  many,
  type Place,
  placeOf,
  remoteRefOf,
  smallPage,
  storeKey,
  storesOf,
  type Unforced,
  whyUnforced,
} from './external-secrets.ts'

/** What all ExternalSecrets of a cluster say about these stores. */
export interface Survey {
  /** One for each store, in the order in which they were given. */
  stores: StoreUse[]
  /** How many of those that read from the stores can be forced, and how many can't, by reason. */
  forceable: number
  unforced: Partial<Record<Unforced, number>>
  /** How many of those that read from the stores are not Ready. */
  notReady: number
  /** Of the whole cluster, whatever they read from: forcing one would make a new password. The first five are named. */
  generated: { count: number; names: string[] }
  /** Throw-away ExternalSecrets that a run has left which was ended; they count nowhere else. */
  left: KubernetesObject[]
}

interface StoreUse {
  store: StoreReference
  /** How many ExternalSecrets read from it. */
  count: number
  /** The one whose sync proves most: a Ready one before others, one that reads from this store alone before others. */
  best?: Place & { ready: boolean }
  /** What one of those that can't be forced asks for, and where: a throw-away ExternalSecret may ask for the same. */
  readable?: { namespace: string; key: string; property?: string }
}

interface Ranked extends StoreUse {
  rank: number
  readableRank: number
}

/** Reads all ExternalSecrets of the cluster, page by page; undefined where there is no such kind. */
export async function survey(cluster: Cluster, stores: readonly StoreReference[], signal: AbortSignal): Promise<Survey | undefined> {
  const resource = await cluster.resource('external-secrets.io', 'ExternalSecret')
  if (resource === undefined) return undefined
  const uses = new Map(stores.map((store): [string, Ranked] => [storeKey(store), { store, count: 0, rank: -1, readableRank: -1 }]))
  const found: Omit<Survey, 'stores'> = { forceable: 0, unforced: {}, notReady: 0, generated: { count: 0, names: [] }, left: [] }
  let seen = 0
  for await (const object of cluster.list(resource, { signal, pageSize: smallPage })) {
    if (++seen === many) keepHeapSmall()
    if (isThrowAway(object)) {
      if (isLeftBehind(object)) found.left.push(object)
      continue
    }
    if (isGenerated(object) && found.generated.count++ < 5) found.generated.names.push(nameOf(object))
    const read = storesOf(object)
    const ours = read.flatMap((store) => uses.get(storeKey(store)) ?? [])
    if (ours.length === 0) continue
    const why = whyUnforced(object)
    if (why === undefined) found.forceable++
    else found.unforced[why] = (found.unforced[why] ?? 0) + 1
    if (!isReady(object)) found.notReady++
    for (const use of ours) consider(use, object, { why, alone: read.length === 1 })
  }
  return { ...found, stores: [...uses.values()].map(({ rank: _, readableRank: __, ...use }) => use) }
}

function consider(use: Ranked, object: KubernetesObject, { why, alone }: { why: Unforced | undefined; alone: boolean }): void {
  const ready = isReady(object)
  const rank = (ready ? 2 : 0) + (alone ? 1 : 0)
  use.count++
  if (why === undefined) {
    if (rank > use.rank) Object.assign(use, { rank, best: { ...placeOf(object), ready } })
    return
  }
  const reference = remoteRefOf(object, use.store)
  if (reference === undefined || rank <= use.readableRank) return
  Object.assign(use, { readableRank: rank, readable: { namespace: placeOf(object).namespace, ...reference } })
}

function nameOf(object: KubernetesObject): string {
  const { namespace, name } = placeOf(object)
  return `${namespace}/${name}`
}

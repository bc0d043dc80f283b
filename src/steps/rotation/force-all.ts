import type { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { isReady, type Resource } from '../../kubernetes/object.ts'
import type { Setting } from '../../onepassword/troubles.ts'
import { keepHeapSmall } from '../../small-heap.ts'
import { isThrowAway } from '../throw-away.ts'
import type { StoreReference } from '../warnings.ts'
import { many, type Place, placeOf, smallPage, storeKey, storesOf, whyUnforced } from './external-secrets.ts'
import { watchSightings } from './sightings.ts'
import { notAllSynchronised } from './sync-failed.ts'
import { type Ending, synchronised } from './synchronised.ts'

export interface ForceAllOptions {
  stores: readonly StoreReference[]
  /** Have been forced already. */
  except: readonly Place[]
  /** How many there will be, as the survey counted them. */
  total: number
  tell(done: number, total: number): void
  signal: AbortSignal
  setting?: Setting
  /** Milliseconds for each; a minute unless told. */
  deadline?: number
}

export interface ForcedAll {
  synced: number
  /** They use the stores, but can't be forced, or went meanwhile. */
  skipped: number
  /** They were not Ready before, and aren't now; the first five are named. */
  wereFailing: { count: number; names: string[] }
}

interface Target extends Place {
  ready: boolean
}

/** How many are forced at a time. The operator does one after the other unless told, so more would only wait for longer. */
const inFlight = 32
/** As many failures are enough to name; what makes that many fail would make the others fail too. */
const enough = 5

/**
 * Makes all ExternalSecrets synchronise that read from these stores, page by page, and waits for each. Throws the Failure
 * `sync-failed` where some don't that were Ready before, and the signal's reason.
 */
export async function forceAll(cluster: Cluster, resource: Resource, options: ForceAllOptions): Promise<ForcedAll> {
  const { signal, setting, deadline = 60_000, total, tell } = options
  signal.throwIfAborted()
  if (total > many) keepHeapSmall()
  const counts = { synced: 0, skipped: 0, wereFailing: { count: 0, names: [] as string[] } }
  const failed: { at: Place; failure: Failure }[] = []
  const flights = new Set<AbortController>()
  const stop = new AbortController()
  const stopAll = () => {
    for (const each of [stop, ...flights]) each.abort(signal.reason)
  }
  signal.addEventListener('abort', stopAll, { once: true })
  const sightings = watchSightings(cluster, resource, {}, stop.signal)
  const targets = targetsOf(cluster, resource, options, stop.signal, () => counts.skipped++)

  const count = ({ ready, ...at }: Target, ending: Ending) => {
    if (ending.is === 'synced') counts.synced++
    else if (ending.is === 'gone') counts.skipped++
    else if (ending.wasReady ?? ready) failed.push({ at, failure: ending.failure })
    else if (counts.wereFailing.count++ < enough) counts.wereFailing.names.push(`${at.namespace}/${at.name}`)
  }
  let done = 0
  const worker = async () => {
    for await (const at of targets) {
      stop.signal.throwIfAborted()
      const flight = new AbortController()
      flights.add(flight)
      const forcing = { cluster, resource, sightings, signal: flight.signal, deadline, turn: 5_000, setting, hopeful: false }
      count(at, await synchronised(at, forcing).finally(() => flights.delete(flight)))
      tell(++done, Math.max(done, total))
      if (failed.length >= enough) throw notAllSynchronised(failed, counts.synced, total)
    }
  }
  const workers = Array.from({ length: inFlight }, worker)
  try {
    await Promise.race([Promise.all(workers), sightings.broken])
  } finally {
    signal.removeEventListener('abort', stopAll)
    stopAll()
    await Promise.allSettled(workers)
  }
  if (failed.length > 0) throw notAllSynchronised(failed, counts.synced, total)
  return counts
}

async function* targetsOf(
  cluster: Cluster,
  resource: Resource,
  { stores, except }: ForceAllOptions,
  signal: AbortSignal,
  skip: () => void,
): AsyncGenerator<Target> {
  const wanted = new Set(stores.map(storeKey))
  const done = new Set(except.map(({ namespace, name }) => `${namespace}/${name}`))
  for await (const object of cluster.list(resource, { signal, pageSize: smallPage })) {
    const at = placeOf(object)
    if (isThrowAway(object)) continue
    if (done.has(`${at.namespace}/${at.name}`) || !storesOf(object).some((store) => wanted.has(storeKey(store)))) continue
    if (whyUnforced(object) === undefined) yield { ...at, ready: isReady(object) }
    else skip()
  }
}

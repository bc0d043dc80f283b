import { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { isReady, type Resource } from '../../kubernetes/object.ts'
import type { StoreReference } from '../warnings.ts'
import { type Place, placeOf, storeKey, storesOf, whyUnforced } from './external-secrets.ts'
import { forceSync } from './force-sync.ts'

const atATime = 16

/**
 * Has the ExternalSecrets of these stores that aren't Ready synchronise now. They failed while the stores had a token that doesn't
 * work, and the operator's own next attempt may be seven minutes away. Doesn't wait for them.
 */
export async function forceAgain(
  cluster: Cluster,
  resource: Resource,
  stores: readonly StoreReference[],
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(stores.map(storeKey))
  const batch: Place[] = []
  const send = () => Promise.all(batch.splice(0).map((at) => forceSync(cluster, resource, at, { signal }).catch(unlessFailure)))
  for await (const object of cluster.list(resource, { signal })) {
    const isOurs = storesOf(object).some((store) => wanted.has(storeKey(store)))
    if (!isOurs || isReady(object) || whyUnforced(object) !== undefined) continue
    batch.push(placeOf(object))
    if (batch.length === atATime) await send()
  }
  await send()
}

/** One that went, or may not be changed, is no reason to leave the others. */
function unlessFailure(error: unknown): void {
  if (!(error instanceof Failure)) throw error
}

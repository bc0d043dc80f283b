import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { isNews, lastEvents } from '../kubernetes/events.ts'
import { isReady, type KubernetesObject } from '../kubernetes/object.ts'

export interface StoreReference {
  kind: string
  name: string
  namespace?: string | undefined
}

/**
 * What the operator says of an ExternalSecret, but for its history, and of the stores behind it while they aren't Ready: of such
 * a store the ExternalSecret only knows that it is not ready, and a store that was Ready a moment ago may be on its way to that.
 */
export async function warningsOf(
  cluster: Cluster,
  made: KubernetesObject,
  stores: readonly StoreReference[],
  history: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const news = (await lastEvents(cluster, made, 3)).filter((event) => event.type === 'Warning' && isNews(history, event))
  const ofStores = await Promise.all(stores.map((store) => warningOf(cluster, store, made.metadata.namespace)))
  return [...news.map(({ message }) => message), ...ofStores.flat()]
}

/** What the operator says of a store while it isn't Ready; `from` is whose SecretStore it is, if it doesn't tell. */
export async function warningOf(cluster: Cluster, store: StoreReference, from?: string): Promise<string[]> {
  const resource = await cluster.resource('external-secrets.io', store.kind)
  const namespace = resource?.namespaced ? (store.namespace ?? from) : undefined
  const object = resource && (await cluster.get(resource, store.name, namespace).catch(unlessFailure))
  if (object === undefined || isReady(object)) return []
  // Only the newest: those before are of a state that has passed.
  const [newest] = await lastEvents(cluster, object, 1)
  return newest?.type === 'Warning' ? [newest.message] : []
}

/** What can't be read at this moment, or must not be, tells nothing. */
function unlessFailure(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}

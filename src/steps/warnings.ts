import type { Cluster } from '../kubernetes/cluster.ts'
import { lastEvents } from '../kubernetes/events.ts'
import { isReady, type KubernetesObject } from '../kubernetes/object.ts'

export interface StoreReference {
  kind: string
  name: string
  namespace?: string | undefined
}

/**
 * What the operator says of an ExternalSecret, and of the store behind it while that isn't Ready: of such a store the
 * ExternalSecret only knows that it is not ready, and a store that was Ready a moment ago may be on its way to that.
 */
export async function warningsOf(cluster: Cluster, made: KubernetesObject, store: StoreReference): Promise<string[]> {
  const told = (await lastEvents(cluster, made, 3)).filter(({ type }) => type === 'Warning').map(({ message }) => message)
  const resource = await cluster.resource('external-secrets.io', store.kind)
  const namespace = resource?.namespaced ? (store.namespace ?? made.metadata.namespace) : undefined
  const object = resource && (await cluster.get(resource, store.name, namespace))
  if (object === undefined || isReady(object)) return told
  // Only the newest: those before are of a state that has passed.
  const [newest] = await lastEvents(cluster, object, 1)
  return newest?.type === 'Warning' ? [...told, newest.message] : told
}

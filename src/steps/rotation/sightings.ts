import type { Cluster, ListOptions } from '../../kubernetes/cluster.ts'
import type { KubernetesObject, Resource } from '../../kubernetes/object.ts'
import { type Place, placeOf } from './external-secrets.ts'

/** What one watch sees, for each of the few objects that somebody follows at the moment. */
export interface Sightings {
  /** `see` is called with every state of the object, and with undefined when it is gone, until what this gives is called. */
  follow(at: Place, see: (object: KubernetesObject | undefined) => void): () => void
  /** Rejects with the Failure that ended the watch before its signal did. */
  broken: Promise<never>
}

/** Watches for changes from now on. What is changed before the watch has begun is not seen. */
export function watchSightings(cluster: Cluster, resource: Resource, scope: Omit<ListOptions, 'signal'>, signal: AbortSignal): Sightings {
  const followers = new Map<string, (object: KubernetesObject | undefined) => void>()
  const pass = async (): Promise<never> => {
    for await (const { type, object } of cluster.watch(resource, { ...scope, onlyChanges: true }, signal)) {
      followers.get(keyOf(placeOf(object)))?.(type === 'DELETED' ? undefined : object)
    }
    return new Promise(() => {})
  }
  return {
    follow(at, see) {
      followers.set(keyOf(at), see)
      return () => followers.delete(keyOf(at))
    },
    broken: pass(),
  }
}

function keyOf({ namespace, name }: Place): string {
  return `${namespace}/${name}`
}

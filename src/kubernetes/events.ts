import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { quote } from '../text/quote.ts'
import type { Cluster } from './cluster.ts'
import type { KubernetesObject } from './object.ts'
import { events } from './resources.ts'

export interface ClusterEvent {
  type: string
  reason: string
  /** Without control characters, and shortened. */
  message: string
  count: number
  at: string
}

/**
 * The newest events of an object, the newest first; none where reading them isn't permitted.
 * Those of a cluster-scoped object are kept in the namespace `default`.
 */
export async function lastEvents(cluster: Cluster, object: KubernetesObject, most: number): Promise<ClusterEvent[]> {
  const { name, namespace = 'default', uid } = object.metadata
  const found: ClusterEvent[] = []
  try {
    for await (const event of cluster.list(events, { namespace, fieldSelector: `involvedObject.name=${name}` })) {
      const about = event['involvedObject'] ?? {}
      if (about.name === name && about.kind === object.kind && (!uid || !about.uid || about.uid === uid)) found.push(read(event))
    }
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
  return found.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, most)
}

/** Events have their time in one of four places: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
function read(event: KubernetesObject): ClusterEvent {
  const series = event['series']
  return {
    type: plain(String(event['type'] ?? 'Normal'), 20),
    reason: plain(String(event['reason'] ?? ''), 100),
    message: quote(String(event['message'] ?? '')),
    count: series?.count ?? event['count'] ?? 1,
    at: series?.lastObservedTime ?? event['lastTimestamp'] ?? event['eventTime'] ?? event.metadata.creationTimestamp ?? '',
  }
}

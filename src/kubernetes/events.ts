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
  const { name, namespace = 'default' } = object.metadata
  const found: ClusterEvent[] = []
  try {
    for await (const event of cluster.list(events, { namespace, fieldSelector: `involvedObject.name=${name}` })) {
      if (isAbout(event, object)) found.push(read(event))
    }
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
  return found.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, most)
}

/** What an event is about. */
export interface Concerned {
  namespace: string
  name: string
  uid: string | undefined
}

/** All warnings about objects of a kind, in no order. Throws a Failure where reading them isn't permitted. */
export async function* warningsAbout(
  cluster: Cluster,
  kind: string,
  signal: AbortSignal,
): AsyncGenerator<{ about: Concerned; event: ClusterEvent }> {
  for await (const event of cluster.list(events, { fieldSelector: `involvedObject.kind=${kind},type=Warning`, signal })) {
    const { namespace = '', name = '', uid } = event['involvedObject'] ?? {}
    yield { about: { namespace, name, uid }, event: read(event) }
  }
}

/** What was said of an object until now, for telling it from what comes. */
export async function historyOf(cluster: Cluster, object: KubernetesObject): Promise<Set<string>> {
  return new Set((await lastEvents(cluster, object, 20)).map(keyOf))
}

/** Whether this was said since, or again: the same event again only counts up. */
export function isNews(history: ReadonlySet<string>, event: ClusterEvent): boolean {
  return !history.has(keyOf(event))
}

function keyOf({ reason, message, count, at }: ClusterEvent): string {
  return [reason, message, count, at].join('\n')
}

/**
 * The first event about an object that isn't in its history, nor older than `since` (milliseconds, by the cluster's clock; events
 * know only whole seconds). Undefined at the deadline (milliseconds), and where events can't be watched. Throws the signal's reason.
 */
export async function eventSince(
  cluster: Cluster,
  object: KubernetesObject,
  { since, history }: { since: number; history: ReadonlySet<string> },
  { signal, deadline }: { signal: AbortSignal; deadline: number },
): Promise<ClusterEvent | undefined> {
  const { name, namespace = 'default' } = object.metadata
  const late = AbortSignal.timeout(deadline)
  const scope = { namespace, fieldSelector: `involvedObject.name=${name}` }
  try {
    for await (const { type, object: event } of cluster.watch(events, scope, AbortSignal.any([signal, late]))) {
      const told = read(event)
      const isLater = Date.parse(told.at) >= Math.floor(since / 1000) * 1000
      if (type !== 'DELETED' && isAbout(event, object) && isLater && isNews(history, told)) return told
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
  signal.throwIfAborted()
  return undefined
}

function isAbout(event: KubernetesObject, { kind, metadata: { name, uid } }: KubernetesObject): boolean {
  const about = event['involvedObject'] ?? {}
  return about.name === name && about.kind === kind && (!uid || !about.uid || about.uid === uid)
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

import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { timestamp } from './conditions.ts'
import { kinds } from './kinds.ts'
import type { Store } from './store.ts'

/** Records an event about an object; the same one again only counts up. Events of cluster-scoped objects are in `default`. */
export function recordEvent(
  store: Store,
  about: KubernetesObject,
  event: { type: 'Normal' | 'Warning'; reason: string; message: string; component: string },
): void {
  const namespace = about.metadata.namespace ?? 'default'
  const { uid, name } = about.metadata
  const digest = createHash('sha256')
    .update([about.kind, uid, event.type, event.reason, event.message, event.component].join('\0'))
    .digest('hex')
  const id = `${name.slice(0, 200)}.${digest.slice(0, 16)}`
  const before = store.get(kinds.event, namespace, id)
  const now = timestamp()
  store.put(
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: id, namespace },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name,
        ...(about.metadata.namespace ? { namespace: about.metadata.namespace } : {}),
        ...(uid ? { uid } : {}),
      },
      type: event.type,
      reason: event.reason,
      message: event.message,
      source: { component: event.component },
      reportingComponent: event.component,
      reportingInstance: '',
      count: (before?.['count'] ?? 0) + 1,
      firstTimestamp: before?.['firstTimestamp'] ?? now,
      lastTimestamp: now,
    },
    event.component,
  )
}

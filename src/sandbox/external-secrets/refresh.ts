import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { milliseconds } from '../durations.ts'

/**
 * Which state of the ExternalSecret was synced: any change of spec, label or annotation gives another. It is the digest of what
 * Go prints (https://github.com/external-secrets/external-secrets/blob/v0.20.4/pkg/controllers/util/util.go).
 */
export function resourceVersionOf(object: KubernetesObject): string {
  const { generation, labels = {}, annotations = {} } = object.metadata
  const printed = (map: Record<string, string>) =>
    `map[${sorted(map)
      .map((pair) => pair.join(':'))
      .join(' ')}]`
  const digest = createHash('sha3-224')
    .update(`{annotations:${printed(annotations)} labels:${printed(labels)}}`)
    .digest('hex')
  return `${generation}-${digest}`
}

/**
 * Whether ESO reads from the provider now. A forced sync is nothing but an annotation that changed, and has no effect on
 * `CreatedOnce` or on an interval of 0 (https://external-secrets.io/latest/api/externalsecret/).
 */
export function shouldRefresh(object: KubernetesObject, now: Date): boolean {
  const { refreshPolicy = 'Periodic' } = object['spec']
  const { syncedResourceVersion = '', refreshTime } = object['status'] ?? {}
  const changed = syncedResourceVersion !== resourceVersionOf(object)
  if (refreshPolicy === 'CreatedOnce') return syncedResourceVersion === '' || refreshTime === undefined
  if (refreshPolicy === 'OnChange') return changed || refreshTime === undefined
  const interval = intervalOf(object)
  if (interval <= 0 && syncedResourceVersion !== '') return false
  const last = new Date(refreshTime ?? 0).getTime()
  return changed || last > now.getTime() || last + interval <= now.getTime()
}

/** Milliseconds between two reads; an hour unless given. */
export function intervalOf(object: KubernetesObject): number {
  return milliseconds(object['spec'].refreshInterval, 3_600_000)
}

export function digestOf(data: Record<string, string>): string {
  return createHash('sha3-224')
    .update(JSON.stringify(sorted(data)))
    .digest('hex')
}

function sorted(record: Record<string, string>): [string, string][] {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1))
}

import type { KubernetesObject } from '../kubernetes/object.ts'
import { fieldOwners } from '../kubernetes/owners.ts'

const us = 'eso-bootstrap'
const label = 'app.kubernetes.io/managed-by'

/** One key of a Secret, and what stands beside it. */
export interface Place {
  namespace: string
  name: string
  key: string
  /** Set with the value, and gone with the next value that is written without them. */
  annotations?: Readonly<Record<string, string>>
}

type Live = KubernetesObject | undefined

/** What is applied so that the key holds this, in base64. Server-side apply takes away what its manager owned and no longer names. */
export function withValue(live: Live, place: Place, data: string): KubernetesObject {
  // Somebody else's word on who manages it stays.
  const mayLabel = live?.metadata.labels?.[label] === undefined || live.metadata.labels[label] === us
  return ours(live, place, { ...valuesOf(live), [place.key]: data }, { labelled: mayLabel, annotations: place.annotations })
}

/** What is applied so that we own of it what we owned before, as it was then. */
export function asItWas(live: Live, place: Place, before: Live): KubernetesObject {
  const annotations = Object.entries(before?.metadata.annotations ?? {})
  const own = annotations.filter(([name]) => isOurs(before, 'metadata', 'annotations', name))
  return ours(live, place, valuesOf(before), { labelled: isLabelled(before), annotations: Object.fromEntries(own) })
}

/** What is applied so that it stays as it is, but for annotations of ours. */
export function withoutAnnotations(live: Live, place: Place): KubernetesObject {
  return ours(live, place, valuesOf(live), { labelled: isLabelled(live) })
}

/** Whether the key holds this, in base64, and is ours. */
export function holdsOurs(found: Live, { key }: Place, data: string): boolean {
  return found?.['data']?.[key] === data && isOurs(found, 'data', key)
}

/** Whom the key belongs to, unless it is ours. */
export function otherOwner(secret: Live, { key }: Place): string | undefined {
  return secret && fieldOwners(secret, ['data', key]).find((manager) => manager !== us)
}

function ours(
  live: Live,
  { name, namespace }: Place,
  data: Record<string, string>,
  { labelled, annotations = {} }: { labelled: boolean; annotations?: Place['annotations'] },
): KubernetesObject {
  const { resourceVersion } = live?.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      ...(labelled && { labels: { [label]: us } }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    ...((live === undefined || isOurs(live, 'type')) && { type: live?.['type'] ?? 'Opaque' }),
    ...(Object.keys(data).length > 0 && { data }),
  }
}

/** The keys that are ours already, as they are. */
function valuesOf(secret: Live): Record<string, string> {
  const all = Object.entries<string>(secret?.['data'] ?? {})
  return Object.fromEntries(all.filter(([key]) => isOurs(secret, 'data', key)))
}

function isLabelled(secret: Live): boolean {
  return isOurs(secret, 'metadata', 'labels', label)
}

function isOurs(secret: Live, ...path: string[]): boolean {
  return secret !== undefined && fieldOwners(secret, path).includes(us)
}

import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import type { StoreReference } from '../warnings.ts'

/** Where an ExternalSecret is. */
export interface Place {
  namespace: string
  name: string
}

/**
 * Why an ExternalSecret is not to be forced. A generator would make a new password. The others don't heed it, or only sometimes
 * (https://external-secrets.io/latest/api/externalsecret/): windows say when to synchronise, and what a ClusterExternalSecret has
 * made loses our annotation at once.
 */
export type Unforced = 'being-deleted' | 'generator' | 'created-once' | 'never-refreshed' | 'sync-windows' | 'cluster-external-secret'

/** What proves a sync: both are written only when one succeeded, the version is a digest of the annotations among others. */
export interface Sync {
  version: string
  /** Milliseconds by the operator's clock. */
  at: number
}

interface Entry {
  remoteRef?: { key: string; property?: string }
  sourceRef?: { storeRef?: { kind?: string; name: string }; generatorRef?: object }
}

export const annotation = 'eso-bootstrap/force-sync'

/** A cluster may have ten thousand of them, of some kilobytes each: so many at a time, and from so many on memory is looked after. */
export const smallPage = 100
export const many = 100

export function placeOf({ metadata }: KubernetesObject): Place {
  return { namespace: metadata.namespace ?? '', name: metadata.name }
}

/** The first of many by their names: `a, b and 3 more`. */
export function someOf({ count, names }: { count: number; names: readonly string[] }): string {
  return count > names.length ? `${names.join(', ')} and ${count - names.length} more` : names.join(', ')
}

/** The stores that it reads from, each once. A SecretStore is one of its own namespace. */
export function storesOf(object: KubernetesObject): StoreReference[] {
  const found = [...data(object), ...dataFrom(object)].flatMap((entry) => storeOf(object, entry) ?? [])
  return [...new Map(found.map((store) => [storeKey(store), store])).values()]
}

/** The same for the same store, and no other. */
export function storeKey({ kind, namespace, name }: StoreReference): string {
  return kind === 'ClusterSecretStore' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}

export function isGenerated(object: KubernetesObject): boolean {
  return [...data(object), ...dataFrom(object)].some(({ sourceRef }) => sourceRef?.generatorRef !== undefined)
}

/** Undefined if a changed annotation makes it synchronise. */
export function whyUnforced(object: KubernetesObject): Unforced | undefined {
  const { refreshPolicy = 'Periodic', refreshInterval = '1h', syncWindows } = object['spec'] ?? {}
  if (object.metadata.deletionTimestamp !== undefined) return 'being-deleted'
  if (isGenerated(object)) return 'generator'
  if (object.metadata.ownerReferences?.some(({ kind, controller }) => controller && kind === 'ClusterExternalSecret'))
    return 'cluster-external-secret'
  if (refreshPolicy === 'CreatedOnce') return 'created-once'
  if (refreshPolicy === 'OnChange') return undefined
  if (syncWindows !== undefined) return 'sync-windows'
  return isNever(String(refreshInterval)) && syncOf(object).version !== '' ? 'never-refreshed' : undefined
}

/** What the first entry that is read from this store asks for; undefined if it has none but `dataFrom`. */
export function remoteRefOf(object: KubernetesObject, store: StoreReference): { key: string; property?: string } | undefined {
  const isFrom = (entry: Entry) => [storeOf(object, entry) ?? []].flat().some((each) => storeKey(each) === storeKey(store))
  const { key, property } = data(object).find(isFrom)?.remoteRef ?? {}
  return key === undefined ? undefined : { key, ...(property && { property }) }
}

export function syncOf(object: KubernetesObject): Sync {
  const { syncedResourceVersion = '', refreshTime } = object['status'] ?? {}
  return { version: syncedResourceVersion, at: Date.parse(refreshTime) || 0 }
}

/**
 * Whether it has synchronised since a patch that put this value into our annotation. `before` is what the answer to that patch
 * said: a sync that had begun earlier can't be written any more, because the operator writes the status of what it has read only.
 */
export function isSyncedSince(before: Sync, value: string, object: KubernetesObject): boolean {
  const { version, at } = syncOf(object)
  const isAfterPatch = object.metadata.annotations?.[annotation]?.startsWith(value) ?? false
  return isAfterPatch && isReady(object) && version !== '' && version !== before.version && at >= before.at
}

function data(object: KubernetesObject): Entry[] {
  return object['spec']?.data ?? []
}

function dataFrom(object: KubernetesObject): Entry[] {
  return object['spec']?.dataFrom ?? []
}

function storeOf(object: KubernetesObject, { sourceRef }: Entry): StoreReference | undefined {
  const reference = sourceRef?.storeRef ?? object['spec']?.secretStoreRef
  if (sourceRef?.generatorRef !== undefined || !reference?.name) return undefined
  const { kind = 'SecretStore', name } = reference
  return kind === 'ClusterSecretStore' ? { kind, name } : { kind, name, namespace: object.metadata.namespace }
}

/** A Go duration of nothing, or less: `0`, `0s`, `0h0m0s`, `-1s`. */
function isNever(duration: string): boolean {
  return duration.startsWith('-') || !/[1-9]/.test(duration)
}

import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { begin, complete } from './kinds.ts'
import { trackUpdate } from './ownership.ts'
import { type Registry, splitVersion } from './resources.ts'
import { type Schema, without } from './schema.ts'

export interface Kind {
  group: string
  kind: string
}

/** A change, as watches see it; `previous` tells whether a selector matched before. */
export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubernetesObject
  previous?: KubernetesObject
  resourceVersion: number
}

/** Objects in memory, one resourceVersion counter for all of them, and the last events for watches. Objects handed out are copies. */
export interface ObjectStore {
  get(kind: Kind, namespace: string | undefined, name: string): KubernetesObject | undefined
  list(kind: Kind, namespace?: string): KubernetesObject[]
  /** Creates or updates, by an in-process controller: uid, resourceVersion, generation and managedFields are the store's. */
  put(object: KubernetesObject, manager: string): KubernetesObject
  /** The status subresource, by an in-process controller; the generation stays. Throws if the object isn't there. */
  status(kind: Kind, namespace: string | undefined, name: string, status: object, manager?: string): KubernetesObject
  /** Takes the object away at once, whatever its finalizers. */
  remove(kind: Kind, namespace: string | undefined, name: string): void
  /** The listener is called after each change, in order; gives the way to stop it. */
  onChange(listener: (event: StoreEvent) => void): () => void
  /** Stores an object whose managedFields are settled: sets what the server sets. Unchanged objects aren't written. */
  commit(next: KubernetesObject, dryRun?: boolean): KubernetesObject
  /** All objects of all kinds. */
  all(): KubernetesObject[]
  resourceVersion(): number
  /** The events after this resourceVersion, or undefined if they are gone. */
  since(resourceVersion: number): StoreEvent[] | undefined
  /** Forgets the past: watches and pages that start there get 410. */
  compact(): void
}

const historyLimit = 2000

export function createStore(registry: Registry, now: () => Date = () => new Date()): ObjectStore {
  const objects = new Map<string, KubernetesObject>()
  const listeners = new Set<(event: StoreEvent) => void>()
  let history: StoreEvent[] = []
  let counter = 0
  let compacted = 0

  // A listener may write: what it writes is told after all listeners have heard what it answers to.
  const untold: StoreEvent[] = []
  let telling = false

  function emit(event: StoreEvent): void {
    history.push(event)
    if (history.length > historyLimit) {
      history = history.slice(-historyLimit / 2)
      compacted = (history[0]?.resourceVersion ?? 1) - 1
    }
    untold.push(event)
    if (telling) return
    telling = true
    try {
      for (let next = untold.shift(); next; next = untold.shift()) for (const listener of [...listeners]) listener(next)
    } finally {
      telling = false
    }
  }

  function get(kind: Kind, namespace: string | undefined, name: string): KubernetesObject | undefined {
    const found = objects.get(key(kind, namespace, name))
    return found && structuredClone(found)
  }

  function remove(kind: Kind, namespace: string | undefined, name: string): void {
    const id = key(kind, namespace, name)
    const previous = objects.get(id)
    if (!previous) return
    objects.delete(id)
    counter += 1
    const object = structuredClone(previous)
    object.metadata.resourceVersion = String(counter)
    emit({ type: 'DELETED', object, previous, resourceVersion: counter })
  }

  function commit(wanted: KubernetesObject, dryRun = false): KubernetesObject {
    const kind = kindOf(wanted)
    const { name, namespace } = wanted.metadata
    const previous = get(kind, namespace, name)
    const next = structuredClone(wanted)
    const counts = registry.ofKind(kind.group, kind.kind)?.counts
    next.metadata = {
      ...next.metadata,
      uid: previous?.metadata.uid ?? next.metadata.uid ?? randomUUID(),
      creationTimestamp: previous?.metadata.creationTimestamp ?? timestamp(now()),
    }
    if (previous) next.metadata.resourceVersion = previous.metadata.resourceVersion ?? ''
    if (counts) next.metadata.generation = (previous?.metadata.generation ?? 0) + (meaningChanged(previous, next) ? 1 : 0)
    if (dryRun) return next
    if (next.metadata.deletionTimestamp && !next.metadata.finalizers?.length && !next['spec']?.finalizers?.length) {
      remove(kind, namespace, name)
      return next
    }
    if (previous && isDeepStrictEqual(timeless(previous), timeless(next))) return previous
    counter += 1
    next.metadata.resourceVersion = String(counter)
    next.metadata = inOrder(next.metadata)
    objects.set(key(kind, namespace, name), next)
    const type = previous ? 'MODIFIED' : 'ADDED'
    emit({ type, object: structuredClone(next), ...(previous && { previous }), resourceVersion: counter })
    return structuredClone(next)
  }

  function schemaOf(object: KubernetesObject): Schema | undefined {
    const { group, version } = splitVersion(object.apiVersion)
    return registry.ofKind(group, object.kind, version)?.schema
  }

  function write(next: KubernetesObject, manager: string, subresource?: string): KubernetesObject {
    const previous = get(kindOf(next), next.metadata.namespace, next.metadata.name)
    const writer = { manager, apiVersion: next.apiVersion, time: timestamp(now()), ...(subresource && { subresource }) }
    complete(next)
    next.metadata.managedFields = trackUpdate(previous, next, schemaOf(next), writer)
    if (!previous) begin(next)
    return commit(next)
  }

  return {
    get,
    remove,
    commit,
    list(kind, namespace) {
      const prefix = `${kind.group}/${kind.kind}/`
      const found = [...objects].filter(([id, object]) => {
        return id.startsWith(prefix) && (namespace === undefined || object.metadata.namespace === namespace)
      })
      return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => structuredClone(object))
    },
    put(object, manager) {
      const next = structuredClone(object)
      const previous = get(kindOf(next), next.metadata.namespace, next.metadata.name)
      for (const field of ['deletionTimestamp', 'generation'] as const) {
        if (previous?.metadata[field] !== undefined) Object.assign(next.metadata, { [field]: previous.metadata[field] })
      }
      if (next['status'] === undefined && previous?.['status'] !== undefined) next['status'] = previous['status']
      return write(next, manager)
    },
    status(kind, namespace, name, status, manager = 'controller') {
      const next = get(kind, namespace, name)
      if (!next) throw new Error(`${kind.kind} ${name} is not in the store`)
      next['status'] = structuredClone(status)
      return write(next, manager, 'status')
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    all: () => structuredClone([...objects.values()]),
    resourceVersion: () => counter,
    since: (from) => (from < compacted ? undefined : history.filter((event) => event.resourceVersion > from)),
    compact() {
      history = []
      compacted = counter
    },
  }
}

/** RFC 3339 to the second, as metav1.Time. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}

export function kindOf(object: KubernetesObject): Kind {
  return { group: splitVersion(object.apiVersion).group, kind: object.kind }
}

function key(kind: Kind, namespace: string | undefined, name: string): string {
  return `${kind.group}/${kind.kind}/${namespace ?? ''}/${name}`
}

/** Everything but metadata and status: what a change of the generation means. */
function meaningChanged(previous: KubernetesObject | undefined, next: KubernetesObject): boolean {
  if (!previous) return true
  if (previous.metadata.deletionTimestamp !== next.metadata.deletionTimestamp) return true
  return !isDeepStrictEqual(meaning(previous), meaning(next))
}

function meaning(object: KubernetesObject): object {
  return without(JSON.parse(JSON.stringify(object)), 'apiVersion', 'metadata', 'status')
}

/** Times of managedFields alone are no change: https://github.com/kubernetes/apiserver/blob/v0.34.1/pkg/endpoints/handlers/fieldmanager/equality.go */
function timeless(object: KubernetesObject): KubernetesObject {
  const entries = object.metadata.managedFields?.map(({ time: _, ...entry }) => entry)
  return { ...object, metadata: { ...object.metadata, ...(entries && { managedFields: entries }) } }
}

/** The real server writes metadata's fields in alphabetic order, managedFields among them. */
function inOrder(metadata: KubernetesObject['metadata']): KubernetesObject['metadata'] {
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))) as unknown as KubernetesObject['metadata']
}

import type { WatchEvent } from './cluster.ts'
import { keyOf, typeOf } from './list.ts'
import type { KubernetesObject, Resource } from './object.ts'

/** What a watch has told: as little of each object as it takes to know, after a gap, what happened in it. */
export interface Told {
  /** Takes note of an event that the server sent. */
  note(event: WatchEvent): void
  /** A list begins, which will hold all that there is. */
  begin(): void
  /** What an object of that list tells that wasn't told before. */
  listed(object: KubernetesObject): WatchEvent[]
  /** The list has ended: what was not in it is gone. Of such an object only the metadata that name it are left. */
  gone(): WatchEvent[]
}

interface Memory {
  uid: string | undefined
  resourceVersion: string | undefined
  /** The number of the last list that held it. */
  list: number
}

export function told(resource: Resource, already: readonly KubernetesObject[] = []): Told {
  const known = new Map<string, Memory>()
  let list = 0
  const remember = (object: KubernetesObject) => {
    const { uid, resourceVersion } = object.metadata
    known.set(keyOf(object), { uid, resourceVersion, list })
  }
  for (const object of already) remember(object)

  return {
    note({ type, object }) {
      if (type === 'DELETED') known.delete(keyOf(object))
      else remember(object)
    },
    begin() {
      list += 1
    },
    listed(object) {
      const key = keyOf(object)
      const before = known.get(key)
      remember(object)
      if (before === undefined) return [{ type: 'ADDED', object }]
      const { uid, resourceVersion } = object.metadata
      if (before.uid === uid) return before.resourceVersion === resourceVersion ? [] : [{ type: 'MODIFIED', object }]
      // Another object has its name by now.
      return [
        { type: 'DELETED', object: named(resource, key, before) },
        { type: 'ADDED', object },
      ]
    },
    gone() {
      const events: WatchEvent[] = []
      for (const [key, memory] of known) {
        if (memory.list === list) continue
        known.delete(key)
        events.push({ type: 'DELETED', object: named(resource, key, memory) })
      }
      return events
    },
  }
}

/** An object of which no more is known than what names it; a key is `namespace/name`. */
function named(resource: Resource, key: string, { uid, resourceVersion }: Memory): KubernetesObject {
  const slash = key.indexOf('/')
  const namespace = key.slice(0, slash)
  return {
    ...typeOf(resource),
    metadata: {
      name: key.slice(slash + 1),
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
    },
  }
}

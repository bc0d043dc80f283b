import { type ClusterEvent, eventSince, historyOf } from '../../kubernetes/events.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { writtenBy } from '../../kubernetes/owners.ts'
import type { Part } from '../readiness.ts'
import { touch } from '../revalidate.ts'
import type { ClusterWorld } from '../world.ts'

/** A store that was asked to be validated, and what the operator has said of it since. */
export interface Word {
  store: KubernetesObject
  /** Undefined at the deadline: events are kept back when there are many, and not everybody may see them. */
  told: ClusterEvent | undefined
}

/** Has a store validated, and waits for what is said of that; undefined if it couldn't be asked. Throws the signal's reason. */
export async function wordOfOperator(
  world: ClusterWorld,
  part: Part,
  within: { signal: AbortSignal; deadline: number },
): Promise<Word | undefined> {
  const cluster = await world.cluster()
  const resource = await part.resource(cluster)
  const before = resource && (await cluster.get(resource, part.at.name, part.at.namespace, within.signal))
  if (before === undefined) return undefined
  const history = await historyOf(cluster, before)
  const store = await touch(world, part)
  if (store === undefined) return undefined
  const since = writtenBy(store, 'eso-bootstrap') ?? Date.now()
  return { store, told: await eventSince(cluster, store, { since, history }, within) }
}

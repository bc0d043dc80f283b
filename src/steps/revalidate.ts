import { setTimeout as after } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import type { Part } from './readiness.ts'
import { troubleOf } from './trouble.ts'
import type { ClusterWorld } from './world.ts'

/**
 * Asks stores that aren't Ready to look again, as any change of a store does: the operator doesn't watch the token
 * Secret, and its own retries slow down to minutes. Ends when the signal does, or throws the Failure for a cause that
 * has outlasted the time in which it might heal.
 */
export async function revalidate(world: ClusterWorld, open: () => Iterable<Part>, signal: AbortSignal): Promise<never> {
  const since = new Map<string, number>()
  for (let pause = 1_000; ; pause = Math.min(pause * 2, 15_000)) {
    await after(pause, undefined, { signal })
    const parts = [...open()]
    await Promise.all(parts.map((part) => touch(world, part)))
    const trouble = await troubleOf(world, parts)
    if (trouble === undefined) continue
    const first = since.get(trouble.id) ?? Date.now()
    since.set(trouble.id, first)
    if (Date.now() - first >= trouble.patience) throw new Failure(trouble)
  }
}

/** Changes an annotation of a store, which makes the operator validate it at once; gives the store, unless that wasn't possible. */
export async function touch(world: ClusterWorld, part: Part): Promise<KubernetesObject | undefined> {
  if (!/^(Cluster)?SecretStore /.test(part.says)) return undefined
  const cluster = await world.cluster()
  const resource = await part.resource(cluster)
  if (resource === undefined) return undefined
  const annotations = { 'eso-bootstrap/revalidate': world.now().toISOString() }
  return cluster.merge(resource, part.at.name, part.at.namespace, { metadata: { annotations } }).catch((error) => {
    // It isn't there yet, or the operator's webhook doesn't answer yet: the next round comes.
    if (!(error instanceof Failure)) throw error
    return undefined
  })
}

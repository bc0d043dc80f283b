import { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import type { Resource } from '../../kubernetes/object.ts'
import type { Setting } from '../../onepassword/troubles.ts'
import type { Place } from './external-secrets.ts'
import { watchSightings } from './sightings.ts'
import { synchronised } from './synchronised.ts'

export interface ForceOptions {
  signal: AbortSignal
  /** Milliseconds. */
  deadline: number
  /** For the fixes of known causes. */
  setting?: Setting
}

/**
 * Makes one ExternalSecret synchronise and waits until it has, after this call. Throws the Failure of a known cause as soon as
 * that has outlasted the time in which it might heal, at the deadline `sync-failed`, and the signal's reason.
 */
export async function forceOne(
  cluster: Cluster,
  resource: Resource,
  at: Place,
  { signal, deadline, setting }: ForceOptions,
): Promise<void> {
  signal.throwIfAborted()
  const stop = new AbortController()
  const own = AbortSignal.any([signal, stop.signal])
  const sightings = watchSightings(cluster, resource, { namespace: at.namespace, fieldSelector: `metadata.name=${at.name}` }, own)
  const ending = synchronised(at, { cluster, resource, sightings, signal: own, deadline, turn: 0, setting, hopeful: true })
  try {
    const ended = await Promise.race([ending, sightings.broken])
    if (ended.is === 'failed') throw ended.failure
    if (ended.is === 'gone') throw gone(at)
  } finally {
    stop.abort()
    await ending.catch(() => {})
  }
}

function gone({ namespace, name }: Place): Failure {
  return new Failure({
    id: 'sync-failed',
    exit: 'partly',
    what: `ExternalSecret ${namespace}/${name} was deleted before it had been synchronised.`,
    fix: 'Run the same command again: it takes another one.',
  })
}

import { Failure } from '../failure.ts'
import { quote } from '../text/quote.ts'
import type { Cluster } from './cluster.ts'
import { condition, type KubernetesObject, type Resource } from './object.ts'

export interface WaitOptions {
  signal: AbortSignal
  /** Milliseconds. */
  deadline: number
}

/**
 * Watches one object until `test` gives a value; it is asked at once, with undefined while the object isn't there, and after
 * every change. What `test` throws ends the wait. Throws the signal's reason, or at the deadline a Failure
 * `wait-deadline` with the last condition that was seen.
 */
export async function until<T>(
  cluster: Cluster,
  resource: Resource,
  at: { namespace?: string | undefined; name: string },
  test: (object: KubernetesObject | undefined) => T | undefined | Promise<T | undefined>,
  options: WaitOptions,
): Promise<T> {
  options.signal.throwIfAborted()
  let last = await cluster.get(resource, at.name, at.namespace, options.signal)
  const first = await test(last)
  if (first !== undefined) return first

  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), options.deadline)
  try {
    const scope = {
      fieldSelector: `metadata.name=${at.name}`,
      known: last === undefined ? [] : [last],
      ...(at.namespace === undefined ? {} : { namespace: at.namespace }),
    }
    for await (const { type, object } of cluster.watch(resource, scope, AbortSignal.any([options.signal, late.signal]))) {
      if (object.metadata.name !== at.name) continue
      last = type === 'DELETED' ? undefined : object
      const value = await test(last)
      if (value !== undefined) return value
    }
  } finally {
    clearTimeout(timer)
  }
  options.signal.throwIfAborted()
  throw notInTime(resource, at, last, options.deadline)
}

function notInTime(
  resource: Resource,
  at: { namespace?: string | undefined; name: string },
  last: KubernetesObject | undefined,
  deadline: number,
): Failure {
  const name = at.namespace === undefined ? at.name : `${at.namespace}/${at.name}`
  const ready = condition(last, 'Ready') ?? condition(last, 'Available')
  const seen = ready
    ? `${ready.type} is ${ready.status}${ready.message ? `: ${quote(ready.message)}` : ''}`
    : 'It has no Ready condition yet'
  return new Failure({
    id: 'wait-deadline',
    exit: 'partly',
    what: `${resource.kind} ${name} did not get there within ${Math.max(1, Math.round(deadline / 1000))} s.`,
    why: last === undefined ? 'It does not exist.' : `${seen.replace(/\.$/, '')}.`,
  })
}

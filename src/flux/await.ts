import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { KubernetesObject, Resource } from '../kubernetes/object.ts'
import { until } from '../kubernetes/wait.ts'
import { withServedVersions } from './missing-kind.ts'
import type { Reference } from './objects.ts'
import { request } from './request.ts'
import { failureOfVerdict, nameOf, type Verdict, verdictOf } from './verdict.ts'

export interface AwaitOptions {
  signal: AbortSignal
  /** Milliseconds since the epoch. */
  end: number
  /** Milliseconds after which a failure that may heal is asked about again; Flux's own retry may be an hour away. */
  askAgainAfter: number
  say(text: string): void
}

export interface Wanted {
  resource: Resource
  at: Reference
  /** The revision, once the object has got there. */
  reached(object: KubernetesObject): Promise<string | undefined>
  /** A failure of something else that explains this one's, to be told instead. */
  because?(object: KubernetesObject, verdict: Verdict): Promise<Verdict | undefined>
}

const mostRequests = 30

/**
 * Asks an object of Flux to reconcile and watches until it has got where it should. A failure counts only when it is the
 * answer to this request; one that can't heal ends the wait at once, any other is asked about again until the end.
 */
export async function awaitReconciled(cluster: Cluster, wanted: Wanted, options: AwaitOptions, ask = true): Promise<string> {
  const { resource, at } = wanted
  const found = await cluster.get(resource, at.name, at.namespace, options.signal)
  const before = handledAt(found)
  let requests = 0
  let last: Verdict | undefined
  let timer: NodeJS.Timeout | undefined
  let said = ''

  async function test(object: KubernetesObject | undefined): Promise<string | undefined> {
    if (object === undefined) return undefined
    if (object['spec']?.suspend === true) throw suspended(object)
    const revision = await wanted.reached(object)
    if (revision !== undefined) return revision
    const verdict = handledAt(object) === before ? undefined : verdictOf(object)
    if (verdict === undefined) return undefined
    last = (await wanted.because?.(object, verdict)) ?? (await withServedVersions(cluster, verdict))
    if (!last.heals) throw failureOfVerdict(last)
    const text = `${last.object}: ${last.cause ?? last.message}`
    if (text !== said) options.say(text)
    said = text
    askAgain()
    return undefined
  }

  function askAgain() {
    if (timer !== undefined || requests >= mostRequests) return
    timer = setTimeout(() => {
      timer = undefined
      requests++
      // The next event asks again; without one, what is already under way goes on.
      request(cluster, resource, at).catch(askAgain)
    }, options.askAgainAfter)
  }

  try {
    // What its parent has yet to create is reconciled as it comes to be.
    if (ask && found !== undefined) await request(cluster, resource, at)
    else askAgain()
    return await until(cluster, resource, at, test, { signal: options.signal, deadline: Math.max(1, options.end - Date.now()) })
  } catch (error) {
    const late = error instanceof Failure && error.id === 'wait-deadline'
    throw late && last !== undefined ? failureOfVerdict(last) : error
  } finally {
    clearTimeout(timer)
  }
}

/** Written at the end of a reconcile that began after the request, whether it went well or not. */
function handledAt(object: KubernetesObject | undefined): string | undefined {
  return object?.['status']?.lastHandledReconcileAt
}

function suspended(object: KubernetesObject): Failure {
  return new Failure({
    id: 'suspended',
    exit: 'blocked',
    what: `The Flux ${nameOf(object)} is suspended.`,
    why: 'Flux does nothing with it until it is resumed.',
    fix: `kubectl patch ${object.kind.toLowerCase()}.${object.apiVersion.split('/')[0]} ${object.metadata.name} -n ${object.metadata.namespace} --type=merge -p '{"spec":{"suspend":false}}'`,
  })
}

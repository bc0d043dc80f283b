import { setTimeout as after } from 'node:timers/promises'
import { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { historyOf } from '../../kubernetes/events.ts'
import { condition, isReady, type KubernetesObject, type Resource } from '../../kubernetes/object.ts'
import type { Setting } from '../../onepassword/troubles.ts'
import { quote } from '../../text/quote.ts'
import { isTransient } from '../../upstream/network.ts'
import { arrival } from '../arrival.ts'
import { warningsOf } from '../warnings.ts'
import { type Place, storesOf } from './external-secrets.ts'
import { forceSync, freshValue } from './force-sync.ts'
import type { Sightings } from './sightings.ts'
import { type Subject, subjectOf } from './subject.ts'

export interface Forcing {
  cluster: Cluster
  resource: Resource
  sightings: Sightings
  /** Of this one alone: many that listen to one signal are more than Node likes. */
  signal: AbortSignal
  /** Milliseconds. */
  deadline: number
  /** Milliseconds in which one that is Ready may just be waiting for its turn. */
  turn: number
  setting?: Setting | undefined
  /** Wait also for one that wasn't Ready before and has failed again. */
  hopeful: boolean
}

/** `wasReady` as it was when it was first forced; undefined if it couldn't be. */
export type Ending = { is: 'synced' } | { is: 'gone' } | { is: 'failed'; failure: Failure; wasReady: boolean | undefined }

/** It is this one that can't be changed; any other Failure would meet all. */
const refusals = new Set(['admission-refused', 'invalid-object'])
/** After these the next try may succeed. */
const passing = new Set(['changed-meanwhile', 'webhook-unreachable'])

/**
 * Forces one ExternalSecret, and again from time to time, until the operator has synchronised it after that. Throws the signal's
 * reason, and a Failure for what would meet any other as well.
 */
export async function synchronised(at: Place, forcing: Forcing): Promise<Ending> {
  const subject = subjectOf(freshValue())
  const unfollow = forcing.sightings.follow(at, subject.see)
  const said = sayings(forcing.cluster, subject)
  let fatal: unknown
  const force = () =>
    forced(at, subject, forcing).catch((error: unknown) => {
      if (!(error instanceof Failure && refusals.has(error.id))) fatal = error
      throw error
    })
  const again = async () => {
    if (!forcing.hopeful && subject.wasReady() === false && said.last().length > 0) throw late(at)
    await force()
  }
  try {
    await force()
    const arrives = (signal: AbortSignal) => Promise.race([subject.ended, deadline(at, forcing.deadline, signal)])
    return { is: await arrival(arrives, { ...forcing, look: said.look, pauses: pausesOf(subject, forcing.turn), again }) }
  } catch (error) {
    forcing.signal.throwIfAborted()
    if (!(error instanceof Failure) || error === fatal) throw error
    const failure = error.id === 'wait-deadline' ? notSynchronised(at, forcing, said.last(), subject.last()) : error
    return { is: 'failed', failure, wasReady: subject.wasReady() }
  } finally {
    unfollow()
  }
}

/** One patch; it may be lost, for another one comes. */
async function forced(at: Place, subject: Subject, { cluster, resource, signal }: Forcing): Promise<void> {
  try {
    subject.forced(await forceSync(cluster, resource, at, { value: subject.nextValue(), signal }))
  } catch (error) {
    if (error instanceof Failure && error.id === 'not-found') subject.see(undefined)
    else if (!(error instanceof Failure && (isTransient(error) || passing.has(error.id)))) throw error
  }
}

/** What is said of it that wasn't said before the first look: that is of an earlier attempt, or will be said again. */
function sayings(cluster: Cluster, subject: Subject) {
  let history: Set<string> | undefined
  let said: string[] = []
  return {
    last: () => said,
    async look() {
      const object = subject.last()
      if (object === undefined) return []
      history ??= await historyOf(cluster, object)
      said = await warningsOf(cluster, object, storesOf(object), history)
      return said
    },
  }
}

/** Until it is forced again: the operator's own retries slow down to minutes. */
function* pausesOf(subject: Subject, turn: number): Generator<number> {
  for (let pause = 1_000; ; pause = Math.min(2 * pause, 15_000)) yield isReady(subject.last()) ? Math.max(pause, turn) : pause
}

async function deadline(at: Place, milliseconds: number, signal: AbortSignal): Promise<never> {
  await after(milliseconds, undefined, { signal })
  throw late(at)
}

function late({ namespace, name }: Place): Failure {
  return new Failure({ id: 'wait-deadline', exit: 'partly', what: `ExternalSecret ${namespace}/${name} did not get there in time.` })
}

function notSynchronised(
  { namespace, name }: Place,
  { deadline: milliseconds }: Forcing,
  said: readonly string[],
  object: KubernetesObject | undefined,
): Failure {
  const ready = object && condition(object, 'Ready')
  // That its store isn't ready is what follows from something else.
  const last = said.find((text) => !text.endsWith(' is not ready')) ?? said[0] ?? (ready?.status === 'True' ? undefined : ready?.message)
  return new Failure({
    id: 'sync-failed',
    exit: 'partly',
    what: `ExternalSecret ${namespace}/${name} was not synchronised within ${Math.max(1, Math.round(milliseconds / 1000))} s.`,
    why: last === undefined ? 'Nothing was reported about it.' : `The last that was said of it: ${quote(last, 300)}`,
    fix: `kubectl describe externalsecret ${name} -n ${namespace}`,
  })
}

import { setTimeout as after } from 'node:timers/promises'
import type { RequestRecord } from '../../../src/sandbox/api/requests.ts'
import { says } from '../../op-answers.ts'
import type { Running } from '../run.ts'
import { type Arrival, type Call, sameCall, titleOf } from './calls.ts'
import type { Ground } from './ground.ts'

/** What can go wrong with a call: it fails, it is done and its answer gets lost, or it conflicts with another write. */
export type Mishap = 'fails' | 'is done, but its answer gets lost' | 'conflicts'

/** One request; those that only read are sent again by the client, at once where the server says so, four times in all. */
const attempts = 4

/** Lets this call go wrong, once: when it arrives. Gives what stops waiting for it, and tells whether it has come. */
export function befalls(ground: Ground, wanted: Call, mishap: Mishap): () => boolean {
  const calm: (() => void)[] = []
  const stop = when(ground, wanted, (arrival) => {
    if (wanted.of === 'connect') ground.relay.goWrong(mishap === 'fails' ? 'fails' : 'lost')
    else if (wanted.of === 'op') calm.push(opGoesWrong(ground, mishap))
    else if (arrival.record !== undefined) calm.push(requestGoesWrong(ground, wanted, arrival.record, mishap))
  })
  return () => {
    for (const each of calm) each()
    return stop()
  }
}

/**
 * From this call on, or from when it is done, the API server only says that it can't, and ends its watches, until what this gives
 * is called.
 */
export function fallsOver(ground: Ground, wanted: Call, isDone = false): () => boolean {
  const { api } = ground.sandbox
  const answer = { status: 503, reason: 'ServiceUnavailable', message: 'apiserver is shutting down', retryAfterSeconds: 0 }
  let on = true
  const fall = () => {
    // What no request has is the same for all.
    const match = Object.defineProperty({}, 'none', { enumerable: true, get: () => (on ? undefined : 'never') })
    api.inject({ match, answer, times: Number.POSITIVE_INFINITY })
    api.disconnect()
  }
  const stop = when(ground, wanted, ({ record }) => {
    if (!isDone) fall()
    else if (record !== undefined) onceDone(api, record, fall)
  })
  return () => {
    on = false
    return stop()
  }
}

/** The client's connection breaks when the server has read this request, which is done so many milliseconds later. Gives the wait for that. */
export function arrivesLate({ sandbox: { api }, onCall }: Ground, wanted: Call, delay: number): () => Promise<void> {
  let done: Promise<void> = Promise.reject(new Error(`${titleOf(wanted)} has not come`))
  done.catch(() => {})
  const stop = onCall(({ call, record }) => {
    if (record === undefined || !sameCall(call, wanted)) return
    let met = false
    const match = {
      verb: record.verb,
      get path() {
        if (!met) setImmediate(() => api.disconnect())
        met = true
        return record.path
      },
    }
    api.inject({ match, delay })
    // Nothing tells that it was done: its answer has nowhere to go, and what it would change it must not.
    done = after(delay + 100)
  })
  return () => {
    stop()
    return done
  }
}

/** The run gets this signal when the call arrives. */
export function interrupts(ground: Ground, wanted: Call, running: () => Running, name: 'SIGINT' | 'SIGTERM'): () => boolean {
  return when(ground, wanted, () => running().signal(name))
}

/** Calls back when the call arrives; gives what stops waiting for it, and tells whether it has come. */
export function when(ground: Ground, wanted: Call, act: (arrival: Arrival) => void): () => boolean {
  let hasCome = false
  const stop = ground.onCall((arrival) => {
    if (hasCome || !sameCall(arrival.call, wanted)) return
    hasCome = true
    act(arrival)
  })
  return () => {
    stop()
    return hasCome
  }
}

function opGoesWrong({ op }: Ground, mishap: Mishap): () => void {
  op.goWrong(mishap === 'fails' ? { instead: says('(503) service unavailable') } : { saying: { ...says('connection reset'), stdout: '' } })
  return () => op.goWrong(undefined)
}

function requestGoesWrong({ sandbox: { api } }: Ground, { writes }: Call, record: RequestRecord, mishap: Mishap): () => void {
  if (mishap === 'is done, but its answer gets lost' && writes) return onceDone(api, record, api.disconnect)
  let on = true
  const match = {
    verb: record.verb,
    get path() {
      return on ? record.path : ''
    },
  }
  if (mishap === 'is done, but its answer gets lost') api.inject({ match, answer: 'drop' })
  else if (mishap === 'conflicts')
    api.inject({ match, answer: { status: 409, reason: 'Conflict', message: 'the object has been modified' } })
  else if (writes) api.inject({ match, answer: { status: 500, reason: 'InternalError', message: 'etcdserver: request timed out' } })
  else api.inject({ match, times: attempts, answer: { status: 503, reason: 'ServiceUnavailable', message: 'no', retryAfterSeconds: 0 } })
  return () => {
    on = false
  }
}

/** Calls back when the server has done what is asked, before it can say so. */
function onceDone(api: Ground['sandbox']['api'], { path, verb }: RequestRecord, act: () => void): () => void {
  const [kind = '', name = ''] = verb === 'create' ? [path.split('/').at(-1)] : path.split('/').slice(-2)
  const stop = api.store.onChange(({ object }) => {
    const isIt = `${object.kind.toLowerCase()}s` === kind && (name === '' || object.metadata.name === name)
    if (!isIt) return
    stop()
    act()
  })
  return stop
}

/**
 * Some calls are made only where the operator is slower than the run: it is tried again until the call has come, which `attempt`
 * says by giving something.
 */
export async function untilItComes<T>(call: Call, attempt: () => Promise<T | false>): Promise<T> {
  for (let nth = 1; nth <= 20; nth++) {
    const result = await attempt()
    if (result !== false) return result
  }
  throw new Error(`${titleOf(call)} has not come`)
}

import type { RequestRecord } from '../../../src/sandbox/api/requests.ts'
import { isRead } from '../../../src/sandbox/api/requests.ts'
import type { OpCall } from '../../op-answers.ts'

/** One thing that a run asks of another: of the API server, of Connect through the port-forward, or of `op`. */
export interface Call {
  of: 'api' | 'connect' | 'op'
  /** Without what differs from run to run: `patch /api/v1/namespaces/external-secrets/secrets/onepassword-connect-token`. */
  name: string
  /** Of those with this name, which: from 1. */
  nth: number
  writes: boolean
}

/** What arrived, as it arrived: a request has its status as soon as it is answered. */
export type Arrival = { call: Call; record?: RequestRecord }

export interface Listening {
  /** Calls back with each call at the moment when it arrives, before anything is done about it. */
  onCall(listener: (arrival: Arrival) => void): () => void
}

/** Hears the calls that come to these logs, which grow by `push` alone. */
export function listening(logs: { api: RequestRecord[]; connect: string[]; op: OpCall[] }): Listening {
  const listeners = new Set<{ counts: Map<string, number>; listener: (arrival: Arrival) => void }>()
  const arrived = (of: Call['of'], name: string, writes: boolean, record?: RequestRecord) => {
    for (const { counts, listener } of [...listeners]) {
      const nth = (counts.get(`${of} ${name}`) ?? 0) + 1
      counts.set(`${of} ${name}`, nth)
      listener({ call: { of, name, nth, writes }, ...(record && { record }) })
    }
  }
  hear(logs.api, (record) => arrived('api', nameOf(record), !isRead(record), record))
  hear(logs.connect, (path) => arrived('connect', path, false))
  hear(logs.op, ({ args }) => arrived('op', `op ${args.slice(0, 3).join(' ')}`, true))
  return {
    onCall(listener) {
      const heard = { counts: new Map<string, number>(), listener }
      listeners.add(heard)
      return () => listeners.delete(heard)
    },
  }
}

export function sameCall(one: Call, other: Call): boolean {
  return one.of === other.of && one.name === other.name && one.nth === other.nth
}

/** For the name of a test. */
export function titleOf({ of, name, nth }: Call): string {
  return `${of === 'connect' ? 'Connect ' : ''}${name}${nth === 1 ? '' : ` (${nth})`}`
}

function nameOf({ verb, path }: RequestRecord): string {
  return `${verb} ${path.replace(/eso-bootstrap-proof-[0-9a-f]+/, 'eso-bootstrap-proof-*').replace(/(\/pods\/)[^/]+/, '$1*')}`
}

function hear<T>(log: T[], arrived: (item: T) => void): void {
  log.push = (...items) => {
    const length = Array.prototype.push.apply(log, items)
    for (const each of items) arrived(each)
    return length
  }
}

import { Failure } from '../../failure.ts'
import { until } from '../../kubernetes/wait.ts'
import type { Setting } from '../../onepassword/troubles.ts'
import type { Secret } from '../../secret.ts'
import { arrival, every } from '../arrival.ts'
import { type Fingerprint, fingerprintOf } from '../round-trip.ts'
import type { ThrowAway } from '../throw-away.ts'
import { type StoreReference, warningsOf } from '../warnings.ts'
import type { ProveAt } from './prove.ts'
import type { Given } from './through-connect.ts'

/** A change that arrived. */
export interface Refreshed extends Fingerprint {
  /** Milliseconds for which it was waited. */
  waited: number
  /** Milliseconds since 1Password says that it was made, as far as the clocks agree. */
  since?: number
  compared: boolean
}

interface Run {
  store: StoreReference
  setting: Setting
  signal: AbortSignal
  name: string
  ask(): Promise<Given>
  /** What it means when Connect gives something else for the whole time. */
  differs(): Failure
}

/** Waits until another value has come, which has to be the one that Connect gives then. Throws a Failure if none comes in time. */
export async function refreshed({ cluster, timeout }: ProveAt, made: ThrowAway, first: Secret, run: Run): Promise<Refreshed> {
  const { name, namespace } = made.object.metadata
  const began = { at: Date.now(), ticks: performance.now() }
  let isOther = false
  const look = async () => {
    const value = await made.value()
    if (value === undefined || value.equals(first)) return undefined
    const given = await run.ask()
    isOther = given.is === 'value' && !given.value.equals(value)
    if (isOther) return undefined
    const since = given.is === 'value' && given.changed !== undefined ? Date.now() - given.changed.getTime() : Number.NaN
    const waited = performance.now() - began.ticks
    // One that was made before could not have arrived now: the clocks differ.
    const isKnown = since >= 0 && since <= waited + 1_000
    return { ...fingerprintOf(value), waited, ...(isKnown && { since }), compared: given.is === 'value' }
  }
  const at = { name, ...(namespace !== undefined && { namespace }) }
  return arrival((end) => until(cluster, made.resource, at, look, { signal: end, deadline: timeout }), {
    signal: run.signal,
    look: () => warningsOf(cluster, made.object, [run.store]),
    pauses: every(1_000),
    setting: run.setting,
  }).catch((error) => {
    if (!(error instanceof Failure) || error.id !== 'wait-deadline') throw error
    throw isOther ? run.differs() : nothingNew(run.name, timeout)
  })
}

function nothingNew(name: string, timeout: number): Failure {
  return new Failure({
    id: 'change-not-arrived',
    exit: 'blocked',
    what: `No change of ${name} arrived within ${Math.max(1, Math.round(timeout / 1000))} s.`,
    why: 'It was not made in that time, or Connect has not fetched it from 1Password. The value that was there came through.',
    fix: 'eso-bootstrap verify --refresh --timeout 10m',
  })
}

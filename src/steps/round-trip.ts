import { createHash, randomBytes } from 'node:crypto'
import type { Run } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { Access, Cluster } from '../kubernetes/cluster.ts'
import { isReady, type KubernetesObject } from '../kubernetes/object.ts'
import { until } from '../kubernetes/wait.ts'
import type { Setting } from '../onepassword/troubles.ts'
import type { Secret } from '../secret.ts'
import { toWatch } from './access.ts'
import { arrival, every } from './arrival.ts'
import { leftBehind, removeThrowAway, type ThrowAway, type Wanted, withThrowAway } from './throw-away.ts'
import { warningsOf } from './warnings.ts'

const group = 'external-secrets.io'

export interface RoundTripAt {
  cluster: Cluster
  /** Milliseconds. */
  timeout: number
  /** For the fixes of known causes. */
  setting?: Setting
}

/** What may be shown of a value. */
export interface Fingerprint {
  length: number
  /** Another one each time, so that it tells nothing. */
  digest: string
}

/**
 * Reads a field of an item through a throw-away ExternalSecret, which is gone afterwards. Gives how long the value is, and a
 * digest that tells nothing of it. Throws the Failure of a known cause, or of the deadline, or `proof-empty`.
 */
export async function roundTrip(at: RoundTripAt, wanted: Wanted, run: Pick<Run, 'signal' | 'say'>) {
  const { cluster, timeout } = at
  const resource = await cluster.resource(group, 'ExternalSecret')
  if (resource === undefined) throw new Error('Ready without an API')
  for (const left of await leftBehind(cluster, wanted.namespace)) await removeThrowAway(cluster, resource, left)
  return withThrowAway(cluster, wanted, { lasts: timeout }, async (made) => {
    run.say(`waiting for ${wanted.item}/${wanted.field}`)
    const value = await arrived(at, made, wanted, { signal: run.signal })
    return { ...fingerprintOf(value), store: `${wanted.store.kind} ${wanted.store.name}` }
  })
}

/**
 * The value, as soon as the operator has brought it; `more` is what else is known of why it doesn't come. Throws the Failure of a
 * known cause, or of the deadline, or `proof-empty`.
 */
export async function arrived(
  { cluster, timeout, setting }: RoundTripAt,
  { resource, object, value }: ThrowAway,
  wanted: Wanted,
  { signal, more = [] }: { signal: AbortSignal; more?: readonly string[] },
): Promise<Secret> {
  const { name, namespace } = object.metadata
  const at = { name, ...(namespace !== undefined && { namespace }) }
  await arrival((end) => until(cluster, resource, at, hasArrived, { signal: end, deadline: timeout }), {
    signal,
    look: async () => [...(await warningsOf(cluster, object, [wanted.store])), ...more],
    pauses: every(1_000),
    setting,
  })
  const found = await value()
  if (found === undefined || found.bytes === 0) throw empty(wanted, setting)
  return found
}

/** What a round trip takes. */
export function roundTripNeeds(namespace: string): Access[] {
  return [
    ...toWatch({ group, resource: 'externalsecrets', namespace }),
    ...(['create', 'delete'] as const).map((verb) => ({ verb, group, resource: 'externalsecrets', namespace })),
    ...(['get', 'delete'] as const).map((verb) => ({ verb, group: '', resource: 'secrets', namespace })),
  ]
}

export function fingerprintOf(value: Secret): Fingerprint {
  const digest = createHash('sha256').update(randomBytes(16)).update(value.reveal()).digest('hex').slice(0, 12)
  return { length: value.bytes, digest }
}

/** Ready with a refreshTime: this very object has been synchronised. */
function hasArrived(object: KubernetesObject | undefined): true | undefined {
  return isReady(object) && object?.['status']?.refreshTime ? true : undefined
}

function empty({ item, field }: { item: string; field: string }, { command = 'init', exit = 'partly' }: Setting = {}): Failure {
  return new Failure({
    id: 'proof-empty',
    exit,
    what: `${item}/${field} came through, but it is empty.`,
    why: 'An empty value proves nothing.',
    fix: `eso-bootstrap ${command} ${command === 'verify' ? '--item' : '--verify-item'} <item>/<field that holds a value>`,
  })
}

import type { Cluster } from '../../kubernetes/cluster.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { type ConnectToken, tokenIn } from '../../onepassword/token.ts'
import type { RotationInputs } from '../../rotation-inputs.ts'
import type { Secret } from '../../secret.ts'
import { once } from '../once.ts'
import { storedValue } from '../secret.ts'
import type { ClusterWorld } from '../world.ts'
import { type Bridge, bridgeOf } from './bridge.ts'
import { liveConnect } from './connect.ts'
import type { Pair } from './pair.ts'
import { type Survey, survey } from './survey.ts'

/** What the steps of a rotation look at: one cluster, its stores and their Secret, and the new pair that all clusters share. */
export interface RotationWorld extends ClusterWorld {
  rotation: RotationInputs
  /** The Secret that is rotated, and who uses it. */
  bridge(): Promise<Bridge>
  /** What that Secret held when it was first looked at. */
  held(): Promise<Held>
  pair: Pair
  /** What all ExternalSecrets of the cluster say about these stores. */
  survey(): Promise<Survey>
  /** For `rotate-credentials`: the mark of the credentials' Secret, the ids of Connect servers. */
  unprovenServers(): Promise<string[]>
  /** The Secrets that hold something new, or may hold it. */
  placed: Set<string>
  /** Set by the step `restarted`: Connect may run with the new credentials. */
  restarted: boolean
  /** ExternalSecrets that were made to synchronise with the new token. */
  forced: { namespace: string; name: string }[]
  signal: AbortSignal
}

export interface Held {
  secret: KubernetesObject | undefined
  value: Secret | undefined
  /** Undefined if what is held is no token. */
  token: ConnectToken | undefined
  /** Earlier runs put this token in, in the place of those with these ids, and were ended before one was proven; mostly none. */
  unprovenAfter: readonly string[]
}

/** Names what was replaced, from the moment when the new one is written until it is proven: tokens, or Connect servers. */
export const mark = 'eso-bootstrap/unproven-after'

export interface RotationAt {
  cluster(): Promise<Cluster>
  pair: Pair
  now(): Date
  interactive: boolean
  signal: AbortSignal
}

export function openRotation(rotation: RotationInputs, at: RotationAt): RotationWorld {
  const bridge = once(async () => bridgeOf(await at.cluster(), rotation))
  const world: RotationWorld = {
    ...at,
    command: rotation.command,
    rotation,
    inputs: { ...rotation, vaults: [], replace: true },
    bridge,
    held: once(async () => heldIn(await at.cluster(), (await bridge()).secret)),
    folder: once(async () => {
      const { secret, stores } = await bridge()
      const connect = rotation.command === 'rotate-credentials' ? await liveConnect(await at.cluster(), stores) : undefined
      return { stores, connect, operator: undefined, namespace: secret.namespace }
    }),
    credentials: at.pair.credentials,
    token: at.pair.token,
    survey: once(async () => {
      const found = await survey(await at.cluster(), (await bridge()).stores, at.signal)
      if (found === undefined) throw new Error('stores without ExternalSecrets')
      return found
    }),
    unprovenServers: once(async () => {
      const { connect } = rotation.command === 'rotate-credentials' ? await world.folder() : {}
      if (connect?.namespace === undefined) return []
      return markOf(await (await at.cluster()).get(secrets, connect.credentials.name, connect.namespace))
    }),
    placed: new Set(),
    restarted: false,
    forced: [],
    lockedOut: false,
    seen: new Set(),
  }
  return world
}

async function heldIn(cluster: Cluster, { name, namespace, key }: Bridge['secret']): Promise<Held> {
  const secret = await cluster.get(secrets, name, namespace)
  const value = storedValue(secret, key)
  const token = value && tokenIn(value)
  // One that is back in its place has nothing to be proven after.
  return { secret, value, token, unprovenAfter: markOf(secret).filter((id) => id !== token?.id) }
}

/** The ids that the mark of a Secret names. What hasn't the form of an id isn't ours: what is named here may be deleted in 1Password. */
function markOf(secret: KubernetesObject | undefined): string[] {
  return secret?.metadata.annotations?.[mark]?.split(' ').filter((id) => /^\w[\w-]{0,63}$/.test(id)) ?? []
}

/** The mark with one more. */
export function marked(before: readonly string[], id = 'unknown'): Record<string, string> {
  return { [mark]: [...new Set([...before, id])].join(' ') }
}

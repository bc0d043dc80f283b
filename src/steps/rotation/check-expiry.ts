import type { Cluster } from '../../kubernetes/cluster.ts'
import { clusterNames } from '../../kubernetes/cluster-names.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { type Standing, standingOf } from '../../onepassword/expiry.ts'
import { tokenIn } from '../../onepassword/token.ts'
import type { RotationInputs } from '../../rotation-inputs.ts'
import type { OpenCluster } from '../open-cluster.ts'
import { storedValue } from '../secret.ts'
import { bySecret, nameOf, type Store, secretOf, storesFor } from './bridge.ts'

/** How long one token is still good for. */
export interface Expiry {
  /** The context; with the server, where another cluster's context has the same name. */
  cluster: string
  secret: { namespace: string; name: string; key: string }
  stores: string[]
  state: Standing | 'unreadable' | 'missing'
  /** The token's `jti`. */
  id?: string
  /** ISO 8601. */
  expires?: string
  /** Whole days that are left; since it has expired, for one that has. */
  days?: number
}

/** Looks at the token of every 1Password store, or of the one that is named. Reads only. Throws a Failure where it can't. */
export async function checkExpiry(inputs: RotationInputs, targets: readonly OpenCluster[], now: Date): Promise<Expiry[]> {
  const clusters = await Promise.all(targets.map((target) => target.cluster()))
  const names = clusterNames(clusters)
  const found = await Promise.all(
    clusters.map(async (cluster, at) => {
      const groups = bySecret(await storesFor(cluster, inputs))
      return Promise.all(
        groups.map(async (stores) => ({ cluster: names[at] ?? '', ...(await expiryOf(cluster, stores, inputs.within, now)) })),
      )
    }),
  )
  return found.flat()
}

const day = 86_400_000

async function expiryOf(
  cluster: Cluster,
  stores: readonly [Store, ...Store[]],
  within: number,
  now: Date,
): Promise<Omit<Expiry, 'cluster'>> {
  const secret = secretOf(stores[0])
  const found = { secret, stores: stores.map(nameOf) }
  const value = storedValue(await cluster.get(secrets, secret.name, secret.namespace), secret.key)
  if (value === undefined) return { ...found, state: 'missing' }
  const token = tokenIn(value)
  if (token === undefined) return { ...found, state: 'unreadable' }
  const state = standingOf(token, now, within)
  if (token.expires === undefined) return { ...found, id: token.id, state }
  const left = Math.abs(token.expires.getTime() - now.getTime())
  return { ...found, id: token.id, state, expires: token.expires.toISOString(), days: Math.floor(left / day) }
}

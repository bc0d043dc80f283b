import { Failure } from '../../failure.ts'
import { warningsAbout } from '../../kubernetes/events.ts'
import { condition, isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { everyExternalSecret, stateOf } from '../../status/external-secrets.ts'
import { storeKey, storesOf } from '../../steps/rotation/external-secrets.ts'
import { quote } from '../../text/quote.ts'
import type { NotSeen } from '../check.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'

/** An ExternalSecret that has nothing, or nothing new, for a Secret; no more of it is kept. */
export interface Waiting {
  namespace: string
  name: string
  uid: string | undefined
  is: 'failing' | 'target-missing' | 'not-looked-at'
  /** ISO 8601, or nothing where that isn't told. */
  since: string
  /** The name of the Secret that it writes to. */
  target: string
  /** What its condition says, and before that the newest warning. */
  says: string[]
  /** From 1Password stores that are Ready alone, or also from others, or only from others: of other providers, or not there. */
  reads: 'ours' | 'ours-and-others' | 'others'
}

/** Everybody is given that long until the operator has looked at a new object. */
const aWhile = 600_000

/**
 * One pass over all ExternalSecrets, and where some fail one over the warnings about them: those that wait for themselves, the
 * longest first. Those behind a 1Password store that isn't Ready are left out, for that is told of the store. `unseen` is why no
 * warnings could be read. Throws a Failure where ExternalSecrets or stores can't be listed.
 */
export const waitingOnes = shared(async ({ live, now }: DoctorWorld): Promise<{ waiting: Waiting[]; unseen: NotSeen[] }> => {
  const stores = (await Promise.all([live.clusterStores(), live.namespacedStores()])).flat()
  const isGood = new Map(stores.map(({ object }) => [storeKey({ kind: object.kind, ...object.metadata }), isReady(object)]))
  const found = new Map<string, Waiting>()
  for await (const { object, isOurs } of everyExternalSecret(live)) {
    const is = stateIn(object, now)
    const good = storesOf(object).map((store) => isGood.get(storeKey(store)))
    // One of another provider is kept for the case that its store is not there at all.
    if (is === undefined || good.includes(false) || !(isOurs || is === 'failing')) continue
    const one = waitingOf(object, is, !isOurs ? 'others' : good.every(Boolean) ? 'ours' : 'ours-and-others')
    found.set(`${one.namespace}/${one.name}`, one)
  }
  const unseen = found.size === 0 ? [] : await addWarnings(found, live)
  return { waiting: [...found.values()].sort(byAge), unseen }
})

function stateIn(object: KubernetesObject, now: Date): Waiting['is'] | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return undefined
  const ready = condition(object, 'Ready')
  if (stateOf(object) === 'failing') return 'failing'
  // https://external-secrets.io/latest/guides/ownership-deletion-policy/#merge
  if (ready?.reason === 'SecretMissing') return 'target-missing'
  const age = now.getTime() - Date.parse(object.metadata.creationTimestamp ?? '')
  return ready === undefined && age > aWhile ? 'not-looked-at' : undefined
}

function waitingOf(object: KubernetesObject, is: Waiting['is'], reads: Waiting['reads']): Waiting {
  const { name, namespace = '', uid } = object.metadata
  const { message, lastTransitionTime: since = '' } = condition(object, 'Ready') ?? {}
  const target = object['spec']?.target?.name ?? name
  return { namespace, name, uid, is, since, target, says: message ? [quote(message)] : [], reads }
}

async function addWarnings(found: ReadonlyMap<string, Waiting>, { cluster, signal }: DoctorWorld['live']): Promise<NotSeen[]> {
  const newest = new Map<Waiting, { at: number; message: string }>()
  try {
    for await (const { about, event } of warningsAbout(cluster, 'ExternalSecret', signal)) {
      const one = found.get(`${about.namespace}/${about.name}`)
      const at = Date.parse(event.at)
      if (one === undefined || (about.uid && one.uid && about.uid !== one.uid) || at < (newest.get(one)?.at ?? 0)) continue
      newest.set(one, { at, message: event.message })
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ notSeen: 'why ExternalSecrets fail', why: error.message }]
  } finally {
    for (const [one, { message }] of newest) one.says.unshift(message)
  }
  return []
}

function byAge(a: Waiting, b: Waiting): number {
  return a.since.localeCompare(b.since) || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name)
}

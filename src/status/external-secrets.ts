import { condition, type KubernetesObject } from '../kubernetes/object.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { many, smallPage, storeKey, storesOf } from '../steps/rotation/external-secrets.ts'
import { causeOf } from './evidence.ts'
import type { Found, Problem } from './found.ts'
import { nameOf, type StatusWorld } from './world.ts'

export interface ExternalSecretFacts {
  /** How many read from a 1Password store. Where the stores could not be listed, all are counted. */
  count: number
  synced: number
  failing: number
  /** Not looked at by the operator yet, being deleted, or Ready without a Secret. */
  other: number
  /** How many read only from other providers, or from generators. */
  elsewhere: number
  /** The one of the synchronised whose last sync is longest ago. */
  oldest?: { name: string; at: string }
  /** The five that have been failing longest. */
  worst: { name: string; since?: string; id: string; why: string }[]
}

interface Failing {
  object: KubernetesObject
  since: string
}

const most = 5

/** Counts all ExternalSecrets page by page; of none but the worst anything is kept. */
export async function lookAtExternalSecrets(world: StatusWorld): Promise<Found<ExternalSecretFacts>> {
  const facts: ExternalSecretFacts = { count: 0, synced: 0, failing: 0, other: 0, elsewhere: 0, worst: [] }
  const worst: Failing[] = []
  for await (const { object, isOurs } of everyExternalSecret(world)) {
    if (!isOurs) {
      facts.elsewhere++
      continue
    }
    facts.count++
    const state = stateOf(object)
    facts[state]++
    if (state === 'synced') older(facts, object)
    if (state === 'failing') consider(worst, object)
  }
  const causes = await Promise.all(worst.map(async (each) => ({ ...each, ...(await causeOf(world, each.object, {})) })))
  facts.worst = causes.map(({ object, since, id, why }) => ({ name: placeOf(object), ...(since !== '' && { since }), id, why }))
  return { facts, problems: problemsOf(facts, causes) }
}

/**
 * All ExternalSecrets page by page, and whether they read from one of the 1Password stores; where it isn't known which stores
 * those are, all do. None where the kind is not served.
 */
export async function* everyExternalSecret(world: StatusWorld): AsyncGenerator<{ object: KubernetesObject; isOurs: boolean }> {
  const { cluster, signal } = world
  const resource = await cluster.resource('external-secrets.io', 'ExternalSecret')
  if (resource === undefined) return
  const objects = begun(cluster.list(resource, { signal, pageSize: smallPage }))
  const isOurs = await ours(world)
  let seen = 0
  for await (const object of objects) {
    if (++seen === many) keepHeapSmall()
    yield { object, isOurs: isOurs(object) }
  }
}

/** Asks for the first page at once, and not only when somebody is ready for it. */
function begun<T>(list: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = list[Symbol.asyncIterator]()
  let first: Promise<IteratorResult<T>> | undefined = iterator.next()
  // Whoever takes it is told.
  first.catch(() => {})
  const next = () => {
    const result = first ?? iterator.next()
    first = undefined
    return result
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

/** Those that read from one of the 1Password stores; all, where it isn't known which stores those are. */
async function ours(world: StatusWorld): Promise<(object: KubernetesObject) => boolean> {
  const all = await Promise.all([world.clusterStores(), world.namespacedStores()]).catch(() => undefined)
  if (all === undefined) return () => true
  const keys = new Set(all.flat().map(({ object: { kind, metadata } }) => storeKey({ kind, ...metadata })))
  return (object) => storesOf(object).some((store) => keys.has(storeKey(store)))
}

export function stateOf(object: KubernetesObject): 'synced' | 'failing' | 'other' {
  const ready = condition(object, 'Ready')
  if (object.metadata.deletionTimestamp !== undefined) return 'other'
  if (ready?.status === 'False') return 'failing'
  // Ready also where nothing was written: https://external-secrets.io/latest/api/externalsecret/
  return ready?.status === 'True' && !/^(SecretMissing|SecretDeleted)$/.test(ready.reason ?? '') ? 'synced' : 'other'
}

function older(facts: ExternalSecretFacts, object: KubernetesObject): void {
  const at: string | undefined = object['status']?.refreshTime
  if (at === undefined || (facts.oldest !== undefined && facts.oldest.at <= at)) return
  facts.oldest = { name: placeOf(object), at }
}

function consider(worst: Failing[], object: KubernetesObject): void {
  const since = condition(object, 'Ready')?.lastTransitionTime ?? ''
  worst.push({ object, since })
  worst.sort((a, b) => a.since.localeCompare(b.since) || placeOf(a.object).localeCompare(placeOf(b.object)))
  worst.splice(most)
}

type Cause = Awaited<ReturnType<typeof causeOf>>

function problemsOf({ failing }: ExternalSecretFacts, causes: readonly (Cause & Failing)[]): Problem[] {
  const problems = causes.map(({ object, id, why, fix }): Problem => ({ id, severity: 'broken', about: [nameOf(object)], why, fix }))
  const more = failing - causes.length
  if (more > 0) problems.at(-1)?.about.push(`${more} more ExternalSecrets that fail`)
  return problems
}

function placeOf({ metadata: { namespace, name } }: KubernetesObject): string {
  return `${namespace}/${name}`
}

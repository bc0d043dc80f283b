import { condition, isReady } from '../kubernetes/object.ts'
import { plain } from '../text/plain.ts'
import { causeOf } from './evidence.ts'
import { type Found, type Problem, type Unseen, unseen } from './found.ts'
import type { LiveStore, StatusWorld } from './world.ts'

export interface StoreFacts {
  kind: string
  namespace?: string
  name: string
  ready: boolean
  /** ISO 8601: since when it is Ready, or isn't. */
  since?: string
  vaults: string[]
}

/** Every store of the 1Password Connect provider; which of the two kinds can't be listed stands in `unseen`. */
export async function lookAtStores(world: StatusWorld): Promise<Found<StoreFacts[]>> {
  const missing: Unseen[] = []
  const kinds = [world.clusterStores, world.namespacedStores].map((read) =>
    read().catch((error: unknown) => {
      missing.push(unseen('stores', error))
      return undefined
    }),
  )
  const lists = await Promise.all(kinds)
  const stores = lists.flatMap((list) => list ?? [])
  const problems = await Promise.all(stores.filter(({ object }) => !isReady(object)).map((store) => problemOf(world, store)))
  return { ...(lists.some((list) => list !== undefined) && { facts: stores.map(factsOf) }), problems: problems.flat(), unseen: missing }
}

async function problemOf(world: StatusWorld, store: LiveStore): Promise<Problem[]> {
  const about = [store.says]
  if (condition(store.object, 'Ready') === undefined) {
    const name = `${store.object.kind.toLowerCase()} ${store.object.metadata.name}`
    return [
      { id: 'not-validated', severity: 'broken', about, why: 'The operator has not looked at it yet.', fix: [`kubectl describe ${name}`] },
    ]
  }
  const vaults = store.vaults.map(({ key }) => key)
  return [{ severity: 'broken', about, ...(await causeOf(world, store.object, { vaults })) }]
}

function factsOf({ object, vaults }: LiveStore): StoreFacts {
  const { namespace, name } = object.metadata
  const since = condition(object, 'Ready')?.lastTransitionTime
  return {
    kind: object.kind,
    ...(namespace !== undefined && { namespace }),
    name,
    ready: isReady(object),
    ...(since !== undefined && { since }),
    vaults: vaults.toSorted((a, b) => a.order - b.order).map(({ key }) => plain(key, 100)),
  }
}

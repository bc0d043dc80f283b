import type { RotationInputs } from '../../rotation-inputs.ts'
import type { Wanted } from '../throw-away.ts'
import type { Bridge, Store } from './bridge.ts'
import { type Place, storeKey } from './external-secrets.ts'
import type { Survey } from './survey.ts'

/** What proves the new token for one store: an ExternalSecret that is there, or one that lives for a moment. */
export type Proof = { is: 'forced'; store: Store; at: Place } | { is: 'throw-away'; store: Store; wanted: Wanted }

/**
 * Chooses how each store is proven: by the best of its ExternalSecrets, by what one of them reads that can't be forced, or by the
 * item that was named. Where others are proven, a store that nobody reads from needs no item.
 */
export function proofsFor(
  survey: Survey,
  { stores, secret }: Pick<Bridge, 'stores' | 'secret'>,
  item: RotationInputs['verifyItem'],
): { proofs: Proof[]; unused: Store[] } {
  const proofs: Proof[] = []
  const unused: Store[] = []
  for (const store of stores) {
    const use = survey.stores.find((each) => storeKey(each.store) === storeKey(store))
    if (use?.best !== undefined) proofs.push({ is: 'forced', store, at: { namespace: use.best.namespace, name: use.best.name } })
    else if (use?.readable !== undefined) proofs.push(thrownAway(store, use.readable.namespace, use.readable.key, use.readable.property))
    else unused.push(store)
  }
  const [first, ...rest] = unused
  if (proofs.length > 0 || item === undefined || first === undefined) return { proofs, unused }
  return { proofs: [thrownAway(first, first.namespace ?? secret.namespace, item.item, item.field)], unused: rest }
}

/** Without a property the provider reads the field with the label `password`: https://external-secrets.io/latest/provider/1password-automation/ */
function thrownAway(store: Store, namespace: string, item: string, field = 'password'): Proof {
  return { is: 'throw-away', store, wanted: { namespace, store, item, field } }
}

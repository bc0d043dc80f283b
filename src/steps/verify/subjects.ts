import { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import type { VerifyInputs } from '../../verify-inputs.ts'
import { nameOf, optionFor, type Store, secretOf, storesFor } from '../rotation/bridge.ts'

/** A store that is verified, and where its throw-away ExternalSecret is. */
export interface Subject {
  store: Store
  namespace: string
}

/** The stores that are meant; of SecretStores only those that `--namespace` can use. Throws a Failure where that isn't clear. */
export async function subjectsOf(cluster: Cluster, inputs: VerifyInputs): Promise<[Subject, ...Subject[]]> {
  const { namespace, allStores } = inputs
  const stores = await storesFor(cluster, inputs)
  const usable = stores.filter((store) => namespace === undefined || store.namespace === undefined || store.namespace === namespace)
  const [first, ...more] = usable.map((store) => ({ store, namespace: namespace ?? store.namespace ?? secretOf(store).namespace }))
  if (first === undefined) throw notThere(stores, namespace)
  if (more.length > 0 && !allStores) throw severalStores(usable)
  return [first, ...more]
}

function severalStores(stores: readonly Store[]): Failure {
  return new Failure({
    id: 'several-stores',
    exit: 'usage',
    what: `${stores.length} stores read 1Password: ${stores.map(nameOf).join(', ')}.`,
    why: 'One is verified, unless all are to be.',
    fix: [...stores.map((each) => `eso-bootstrap verify ${optionFor(each)}`), 'eso-bootstrap verify --all-stores'],
  })
}

function notThere(stores: readonly Store[], namespace = ''): Failure {
  return new Failure({
    id: 'store-elsewhere',
    exit: 'usage',
    what: `No 1Password store can be used from the namespace ${namespace}.`,
    why: `A SecretStore is for its own namespace alone: ${stores.map(nameOf).join(', ')}.`,
    fix: stores.map((each) => `eso-bootstrap verify ${optionFor(each)}`),
  })
}

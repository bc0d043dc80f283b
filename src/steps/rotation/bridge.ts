import { Failure } from '../../failure.ts'
import { grouped } from '../../grouped.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { all } from '../../kubernetes/collect.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { connectProvider } from '../../manifests/secret-stores.ts'
import type { RotationInputs } from '../../rotation-inputs.ts'
import { tokenPlaceOf } from '../token.ts'
import type { Installation } from '../world.ts'

export type Store = Installation['stores'][number]

/** The Secret that is rotated, the stores that take their token from it, and those that take theirs from elsewhere. */
export interface Bridge {
  secret: { namespace: string; name: string; key: string }
  stores: Store[]
  others: Store[]
}

const group = 'external-secrets.io'

/**
 * Finds the token's Secret through the stores that use it, over all namespaces. Throws a Failure where there is none, or where
 * it isn't clear which one is meant.
 */
export async function bridgeOf(cluster: Cluster, { store, command }: Wanted): Promise<Bridge> {
  const stores = await connectStores(cluster)
  const meant = meantOf(stores, { store, command })
  const [first] = meant
  if (first === undefined) throw new Error('no store is meant')
  const secret = secretOf(first)
  if (meant.some((each) => placeOf(each) !== placeOf(first))) throw severalSecrets(meant, command)
  const isUser = (each: Store) => placeOf(each) === placeOf(first)
  return { secret, stores: stores.filter(isUser), others: stores.filter((each) => !isUser(each)) }
}

/** The stores that are meant: the one that `--store` names, or all. Throws a Failure where there is none. */
export async function storesFor(cluster: Cluster, wanted: Wanted): Promise<Store[]> {
  return meantOf(await connectStores(cluster), wanted)
}

type Wanted = { command: string; store?: RotationInputs['store'] | undefined }

function meantOf(stores: Store[], { store, command }: Wanted): Store[] {
  if (stores.length === 0) {
    throw new Failure({
      id: 'no-store',
      exit: 'blocked',
      what: `No store in this cluster reads 1Password through Connect, so there is ${command === 'verify' ? 'nothing to verify' : 'no token to rotate'}.`,
      why: 'ClusterSecretStores and SecretStores with the provider onepassword were looked for, in all namespaces.',
      fix: ['kubectl get clustersecretstores,secretstores -A', 'Set it up first: eso-bootstrap init'],
    })
  }
  const meant = store === undefined ? stores : named(stores, store)
  if (meant.length === 0) throw unknownStore(stores, command)
  return meant
}

/** Every store of the provider `onepassword`, in all namespaces. */
async function connectStores(cluster: Cluster): Promise<Store[]> {
  const kinds = await Promise.all(['ClusterSecretStore', 'SecretStore'].map((kind) => cluster.resource(group, kind)))
  const lists = await Promise.all(kinds.map((resource) => (resource === undefined ? [] : all(cluster.list(resource)))))
  return lists.flat().filter(isConnectStore).map(storeOf)
}

/** The stores that take their token from the same place, together. */
export function bySecret(stores: readonly Store[]): [Store, ...Store[]][] {
  return grouped(stores, placeOf)
}

/** Where a store takes its token from. */
export function secretOf(store: Store): Bridge['secret'] {
  return tokenPlaceOf(store, 'default')
}

/** As a person calls it: `ClusterSecretStore onepassword`, `SecretStore apps/onepassword`. */
export function nameOf({ kind, name, namespace }: Store): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
}

function isConnectStore(object: KubernetesObject): boolean {
  return object['spec']?.provider?.onepassword !== undefined
}

function storeOf(object: KubernetesObject): Store {
  const { name, namespace } = object.metadata
  return { kind: object.kind as Store['kind'], name, ...(namespace !== undefined && { namespace }), ...connectProvider(object) }
}

/** Without a namespace it is the ClusterSecretStore of that name, where there is one: it could not be named in another way. */
function named(stores: readonly Store[], { namespace, name }: NonNullable<RotationInputs['store']>): Store[] {
  const found = stores.filter((each) => each.name === name && (namespace === undefined || each.namespace === namespace))
  const clusterWide = found.filter((each) => each.namespace === undefined)
  return clusterWide.length > 0 ? clusterWide : found
}

/** `external-secrets/onepassword-connect-token (token)` */
export function placeOf(store: Store): string {
  const { namespace, name, key } = secretOf(store)
  return `${namespace}/${name} (${key})`
}

/** How a store is named on the command line. */
export function optionFor({ name, namespace }: Store): string {
  return `--store ${namespace === undefined ? name : `${namespace}/${name}`}`
}

function unknownStore(stores: readonly Store[], command: string): Failure {
  return new Failure({
    id: 'store-unknown',
    exit: 'usage',
    what: 'No 1Password store has the name that --store gives.',
    why: `There are ${stores.map(nameOf).join(', ')}.`,
    fix: stores.map((each) => `eso-bootstrap ${command} ${optionFor(each)}`),
  })
}

function severalSecrets(stores: readonly Store[], command: string): Failure {
  const distinct = bySecret(stores).map(([first]) => first)
  return new Failure({
    id: 'several-secrets',
    exit: 'usage',
    what: `The stores take their tokens from ${distinct.length} Secrets: ${distinct.map(placeOf).join(', ')}.`,
    why: 'One is rotated at a time. A store that uses it names it.',
    fix: distinct.map((each) => `eso-bootstrap ${command} ${optionFor(each)}`),
  })
}

import { Failure } from '../failure.ts'
import { type FluxView, readFlux } from '../flux/objects.ts'
import type { Repository } from '../git/repository.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { all } from '../kubernetes/collect.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { deployments } from '../kubernetes/resources.ts'
import { type ConnectProvider, connectProvider, isConnectStore } from '../manifests/secret-stores.ts'
import { once } from '../steps/once.ts'

export interface LiveStore extends ConnectProvider {
  object: KubernetesObject
  /** As a person calls it: `ClusterSecretStore onepassword`. */
  says: string
}

/** What several sections look at; each is read once. Every method throws a Failure where it can't be read. */
export interface StatusWorld {
  cluster: Cluster
  now: Date
  signal: AbortSignal
  /** The stores that read 1Password through Connect. Of a kind that is not served there are none. */
  clusterStores(): Promise<LiveStore[]>
  namespacedStores(): Promise<LiveStore[]>
  /** Deployments of the whole cluster or, where only that is permitted, of the namespaces that the stores name. */
  deployments(): Promise<KubernetesObject[]>
  flux(): Promise<FluxView>
  /** Undefined outside of a git repository. */
  repository(): Promise<Repository | undefined>
  /** The file that a Flux Kustomization has to build to bring External Secrets here, and which ones do so in the working tree. */
  reached(flux: FluxView): Promise<{ namespace: string; name: string }[]>
}

const group = 'external-secrets.io'

export function openStatusWorld(
  cluster: Cluster,
  at: Pick<StatusWorld, 'now' | 'signal' | 'repository' | 'reached'>,
  keeps: (deployment: KubernetesObject) => boolean,
): StatusWorld {
  const stores = (kind: string) => once(async () => storesOf(cluster, kind, at.signal))
  const world: StatusWorld = {
    ...at,
    cluster,
    clusterStores: stores('ClusterSecretStore'),
    namespacedStores: stores('SecretStore'),
    deployments: once(() => deploymentsOf(world, keeps)),
    flux: once(() => readFlux(cluster)),
  }
  return world
}

/** All stores that could be read; throws the Failure of the one kind where neither could. */
export async function knownStores(world: StatusWorld): Promise<LiveStore[]> {
  const kinds = await Promise.allSettled([world.clusterStores(), world.namespacedStores()])
  const read = kinds.filter((each) => each.status === 'fulfilled')
  const [first] = kinds
  if (read.length === 0 && first?.status === 'rejected') throw first.reason
  return read.flatMap(({ value }) => value)
}

/** The Secret that a store takes its token from. */
export function tokenOf({ token, object }: LiveStore): { namespace: string; name: string; key: string } {
  return { namespace: token.namespace ?? object.metadata.namespace ?? 'default', name: token.name, key: token.key }
}

async function storesOf(cluster: Cluster, kind: string, signal: AbortSignal): Promise<LiveStore[]> {
  const resource = await cluster.resource(group, kind)
  const found = resource === undefined ? [] : await all(cluster.list(resource, { signal }))
  return found.filter(isConnectStore).map((object) => ({ ...connectProvider(object), object, says: nameOf(object) }))
}

/** `SecretStore apps/onepassword` */
export function nameOf({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
}

async function deploymentsOf(world: StatusWorld, keeps: (deployment: KubernetesObject) => boolean): Promise<KubernetesObject[]> {
  const { cluster, signal } = world
  const kept = async (namespace?: string) => {
    const found: KubernetesObject[] = []
    const scope = { signal, pageSize: 100, ...(namespace !== undefined && { namespace }) }
    for await (const each of cluster.list(deployments, scope)) if (keeps(each)) found.push(each)
    return found
  }
  try {
    return await kept()
  } catch (error) {
    if (!(error instanceof Failure && error.id === 'forbidden')) throw error
    const stores = await knownStores(world).catch(() => [])
    const namespaces = new Set(stores.map((store) => tokenOf(store).namespace))
    const lists = await Promise.all([...(namespaces.size === 0 ? ['external-secrets'] : namespaces)].map(kept)).catch(() => [])
    // What is not found in some namespaces may be in another one.
    if (lists.flat().length === 0) throw error
    return lists.flat()
  }
}

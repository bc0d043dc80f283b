import type { KubernetesObject } from '../../kubernetes/object.ts'
import { is, kinds } from '../kinds.ts'
import type { Store } from '../store.ts'
import type { Route } from '../workloads/network.ts'
import { type ConnectClient, connectClient, ProviderError } from './client.ts'

export interface OnePassword {
  connectHost: string
  vaults: Record<string, number>
  auth: { secretRef: { connectTokenSecretRef: { name: string; key: string; namespace?: string } } }
}

/** The store's Connect settings; undefined for another provider. */
export function onePasswordOf(store: KubernetesObject): OnePassword | undefined {
  return store['spec']?.provider?.onepassword
}

/**
 * A client for a store, made anew for each reconcile from the Secret as it is now: ESO caches neither
 * (https://github.com/external-secrets/external-secrets/blob/main/pkg/controllers/secretstore/client_manager.go).
 */
export function clientFor(
  world: Store,
  store: KubernetesObject,
  namespace: string,
  routeTo: (host: string) => Route,
  signal: AbortSignal,
): ConnectClient {
  const provider = onePasswordOf(store)
  const reference = provider?.auth.secretRef.connectTokenSecretRef
  if (!provider || !reference) throw new ProviderError('store uses a provider that this sandbox does not have')
  const at = (is(store, kinds.clusterSecretStore) ? reference.namespace : undefined) ?? namespace
  const secret = world.get(kinds.secret, at, reference.name)
  if (!secret) {
    const why = `secrets "${reference.name}" not found`
    throw new ProviderError(`cannot get Kubernetes secret "${reference.name}" from namespace "${at}": ${why}`)
  }
  const data: string | undefined = secret['data']?.[reference.key]
  if (data === undefined) throw new ProviderError(`cannot find secret data for key: "${reference.key}"`)
  const route = routeTo(provider.connectHost)
  const token = Buffer.from(data, 'base64').toString()
  if ('error' in route) {
    const unreachable = async (): Promise<never> => {
      throw new ProviderError(`Get "${provider.connectHost}/v1/vaults": ${route.error}`)
    }
    return { vault: unreachable, itemsByTitle: unreachable, item: unreachable, file: unreachable }
  }
  return connectClient(route.url, provider.connectHost, token, signal)
}

/** The vault keys in the order in which they are searched. */
export function orderedVaults(provider: OnePassword): string[] {
  return Object.entries(provider.vaults)
    .sort(([, one], [, other]) => one - other)
    .map(([key]) => key)
}

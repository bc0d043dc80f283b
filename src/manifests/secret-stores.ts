import { groupOf, isMap, type Loaded, mapAt } from './documents.ts'
import type { SourceText } from './source.ts'

interface AnyStore {
  file: SourceText
  /** From 1: where its document begins. */
  line: number
  kind: 'ClusterSecretStore' | 'SecretStore'
  name: string
  /** A SecretStore's own, as the build makes it. */
  namespace?: string
  apiVersion: string
}

/** A store of the 1Password Connect provider: https://external-secrets.io/latest/provider/1password-automation/ */
export interface Store extends AnyStore, ConnectProvider {}

/** What `spec.provider.onepassword` says. */
export interface ConnectProvider {
  connectHost: string
  /** The Secret with the Connect token; without a namespace it is the store's own. */
  token: { name: string; key: string; namespace?: string }
  /** The key is a vault's title or id; the order, in which vaults are searched, is NaN where it isn't a number. */
  vaults: { key: string; order: number }[]
}

/** A store of the 1Password SDK provider, which needs no Connect: https://external-secrets.io/latest/provider/1password-sdk/ */
export interface SdkStore extends AnyStore {
  vault: string
}

/** True for a store of any External Secrets provider. A CustomResourceDefinition of that name is none. */
export function isStore(object: Loaded['object']): boolean {
  return groupOf(object) === 'external-secrets.io' && (object['kind'] === 'ClusterSecretStore' || object['kind'] === 'SecretStore')
}

export function isConnectStore(object: Loaded['object']): boolean {
  return isStore(object) && isMap(mapAt(object, 'spec', 'provider')['onepassword'])
}

export function isSdkStore(object: Loaded['object']): boolean {
  return isStore(object) && isMap(mapAt(object, 'spec', 'provider')['onepasswordSDK'])
}

/** True for the CRDs that the stores are made of: where a build holds them, it needs no operator before it. */
export function isStoreDefinition(object: Loaded['object']): boolean {
  return (
    object['kind'] === 'CustomResourceDefinition' &&
    /^(cluster)?secretstores\.external-secrets\.io$/.test(mapAt(object, 'metadata')['name'])
  )
}

export function readStore({ object, line }: Loaded, file: SourceText, namespace: string | undefined): Store {
  return { ...anyStore(object, line, file, namespace), ...connectProvider(object) }
}

export function connectProvider(store: object): ConnectProvider {
  const provider = mapAt(store, 'spec', 'provider', 'onepassword')
  const token = mapAt(provider, 'auth', 'secretRef', 'connectTokenSecretRef')
  return {
    connectHost: String(provider['connectHost'] ?? ''),
    token: {
      name: String(token['name'] ?? ''),
      key: String(token['key'] ?? ''),
      ...(typeof token['namespace'] === 'string' && { namespace: token['namespace'] }),
    },
    vaults: Object.entries(mapAt(provider, 'vaults')).map(([key, order]) => ({
      key,
      order: typeof order === 'number' ? order : Number.NaN,
    })),
  }
}

export function readSdkStore({ object, line }: Loaded, file: SourceText, namespace: string | undefined): SdkStore {
  const vault = mapAt(object, 'spec', 'provider', 'onepasswordSDK')['vault']
  return { ...anyStore(object, line, file, namespace), vault: String(vault ?? '') }
}

/** True for a host that isn't a Service of the cluster: Connect runs elsewhere. `name.namespace` may be either, and counts as a Service. */
export function isExternalHost(connectHost: string): boolean {
  const host = /^[a-z]+:\/+([^/:]+)/i.exec(connectHost)?.[1] ?? ''
  if (/\.svc(\.|$)/.test(host) || host.startsWith('127.')) return false
  return host.split('.').length > 2
}

function anyStore(object: Loaded['object'], line: number, file: SourceText, namespace: string | undefined): AnyStore {
  const metadata = mapAt(object, 'metadata')
  const own = namespace ?? metadata['namespace']
  return {
    file,
    line,
    kind: object['kind'],
    name: String(metadata['name'] ?? ''),
    ...(object['kind'] === 'SecretStore' && typeof own === 'string' && { namespace: own }),
    apiVersion: String(object['apiVersion']),
  }
}

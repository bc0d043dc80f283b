import type { Cluster } from '../../kubernetes/cluster.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { askConnect } from '../../onepassword/connect.ts'
import { type Found, readValue } from '../../onepassword/connect-value.ts'
import { type ConnectToken, tokenIn } from '../../onepassword/token.ts'
import { connectPod, untried } from '../connect-pod.ts'
import { type Store, secretOf } from '../rotation/bridge.ts'
import { storedValue } from '../secret.ts'

/** What Connect gives, how many milliseconds it took; or why it could not be asked, to stand after a colon. */
export type Given = (Exclude<Found, { is: 'document' | 'not-connect' }> & { took: number }) | { is: 'closed'; why: string }

/** The token that a store uses; undefined where there is none, or this user may not read it. */
export async function tokenOf(cluster: Cluster, store: Store): Promise<ConnectToken | { why: string }> {
  const { namespace, name, key } = secretOf(store)
  const secret = await cluster.get(secrets, name, namespace).catch(untried)
  if (secret !== undefined && 'why' in secret) return { why: String(secret['why']) }
  const value = storedValue(secret, key)
  return (value && tokenIn(value)) ?? { why: `Secret ${namespace}/${name} holds no Connect token under ${key}` }
}

/** Reads a field with the store's token through a port-forward to Connect. What Connect itself says is for the caller to judge. */
export async function throughConnect(
  cluster: Cluster,
  { store, token }: { store: Store; token: ConnectToken | { why: string } },
  { item, field }: { item: string; field: string },
  signal: AbortSignal,
): Promise<Given> {
  if ('why' in token) return { is: 'closed', why: token.why }
  const pod = await connectPod(cluster, store.connectHost, { namespace: secretOf(store).namespace, signal })
  if ('why' in pod) return { is: 'closed', why: pod.why }
  const began = performance.now()
  const get = (path: string) => askConnect(() => cluster.forward(pod, signal), token.value, path, { deadline: 15_000, signal })
  const found = await readValue(get, { vaults: store.vaults, item, field }).catch(untried)
  signal.throwIfAborted()
  if ('why' in found) return { is: 'closed', why: found.why }
  if (found.is === 'document') return { is: 'closed', why: 'the item is a document, and only fields are compared' }
  if (found.is === 'not-connect') return { is: 'closed', why: 'what answers at its connectHost is not 1Password Connect' }
  return { ...found, took: performance.now() - began }
}

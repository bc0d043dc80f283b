import { randomBytes } from 'node:crypto'
import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { kinds } from '../kinds.ts'
import type { Store } from '../store.ts'
import { ProviderError } from './client.ts'
import { value, values } from './lookup.ts'
import { clientFor, onePasswordOf } from './provider.ts'

type Reader = Parameters<typeof clientFor>[3]

interface StoreReference {
  kind?: string
  name: string
}

/**
 * All values that an ExternalSecret asks for, `dataFrom` before `data`; throws a ProviderError that names the entry
 * (https://github.com/external-secrets/external-secrets/blob/v0.20.4/pkg/controllers/externalsecret/externalsecret_controller_secret.go).
 */
export async function read(world: Store, object: KubernetesObject, routeTo: Reader, signal: AbortSignal): Promise<Record<string, string>> {
  const { spec } = object
  const data: Record<string, string> = {}
  for (const [at, entry] of (spec.dataFrom ?? []).entries()) {
    if (entry.extract) {
      const found = await named(`spec.dataFrom[${at}].extract`, async () => {
        const { client, provider } = open(world, object, entry.sourceRef?.storeRef, routeTo, signal)
        return values(client, provider, entry.extract.key)
      })
      Object.assign(data, Object.fromEntries(found))
    } else if (entry.sourceRef?.generatorRef) {
      Object.assign(data, await named(`spec.dataFrom[${at}].sourceRef.generatorRef`, async () => generated(entry.sourceRef.generatorRef)))
    } else throw new ProviderError('this sandbox knows dataFrom.extract and generators only')
  }
  for (const [at, entry] of (spec.data ?? []).entries()) {
    data[entry.secretKey] = await named(`spec.data[${at}] (key: ${entry.remoteRef.key})`, async () => {
      const { client, provider } = open(world, object, entry.sourceRef?.storeRef, routeTo, signal)
      return value(client, provider, entry.remoteRef)
    })
  }
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))
}

async function named<T>(entry: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof ProviderError ? new ProviderError(`error processing ${entry}, err: ${error.message}`) : error
  }
}

function open(
  world: Store,
  object: KubernetesObject,
  reference: StoreReference | undefined = object['spec'].secretStoreRef,
  routeTo: Reader,
  signal: AbortSignal,
) {
  if (!reference) throw new ProviderError('could not get SecretStore "", secretstores.external-secrets.io "" not found')
  const kind = reference.kind === 'ClusterSecretStore' ? kinds.clusterSecretStore : kinds.secretStore
  const at = kind === kinds.secretStore ? object.metadata.namespace : undefined
  const store = world.get(kind, at, reference.name)
  if (!store) {
    const why = `${kind.kind.toLowerCase()}s.external-secrets.io "${reference.name}" not found`
    throw new ProviderError(`could not get ${kind.kind} "${reference.name}", ${why}`)
  }
  // ESO's flood gate: https://external-secrets.io/latest/api/controller-options/
  if (!isReady(store)) throw new ProviderError(`${kind.kind} "${reference.name}" is not ready`)
  const provider = onePasswordOf(store)
  if (!provider) throw new ProviderError(`${kind.kind} "${reference.name}" uses a provider that this sandbox does not have`)
  return { provider, client: clientFor(world, store, object.metadata.namespace ?? '', routeTo, signal) }
}

/** Another password each time: https://external-secrets.io/latest/api/generator/password/ */
function generated({ kind }: { kind: string }): { password: string } {
  if (kind !== 'Password') throw new ProviderError(`error using generator: this sandbox does not have ${kind}`)
  return { password: randomBytes(18).toString('base64') }
}

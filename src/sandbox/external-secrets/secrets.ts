import { createHash } from 'node:crypto'
import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { backoff } from '../backoff.ts'
import { timestamp, withCondition } from '../conditions.ts'
import { type Controller, type Key, keyOf } from '../controller.ts'
import { recordEvent } from '../events.ts'
import { is, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'
import { ProviderError } from './client.ts'
import { value, values } from './lookup.ts'
import { runningOperator } from './operator.ts'
import { clientFor, onePasswordOf } from './provider.ts'
import { digestOf, intervalOf, resourceVersionOf, shouldRefresh } from './refresh.ts'
import { type EsoOptions, startsOperator } from './stores.ts'

const manager = 'external-secrets'
const managed = 'reconcile.external-secrets.io/managed'
const hashed = 'reconcile.external-secrets.io/data-hash'

/** Syncs ExternalSecrets into Secrets as ESO does (https://external-secrets.io/latest/api/externalsecret/). It doesn't watch stores. */
export function externalSecretController(world: Store, options: EsoOptions): Controller {
  const waits = backoff()
  return {
    name: 'external secrets',
    concerns: (object) => {
      if (is(object, kinds.externalSecret)) return [keyOf(object)]
      if (is(object, kinds.secret)) return owners(object)
      return startsOperator(object) ? world.list(kinds.externalSecret).map(keyOf) : []
    },
    reconcile: async (key) => {
      const object = world.get(kinds.externalSecret, key.namespace, key.name)
      const operator = runningOperator(world)
      if (!object || !operator || object.metadata.deletionTimestamp) return undefined
      const target: string = object['spec'].target?.name ?? key.name
      if (!shouldRefresh(object, new Date()) && isIntact(world.get(kinds.secret, key.namespace, target))) return next(object)
      try {
        const data = await read(world, object, (host) => options.routeTo(host, operator.namespace), options.signal)
        options.signal.throwIfAborted()
        const message = write(world, object, target, data)
        publish(world, object, { type: 'Ready', status: 'True', ...message }, target)
        waits.succeeded(key)
        return next(object)
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error
        recordEvent(world, object, { type: 'Warning', reason: 'UpdateFailed', message: error.message, component: 'external-secrets' })
        publish(world, object, { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message: generalText(error) })
        return waits.failed(key)
      }
    },
  }
}

class WriteError extends ProviderError {}

const generalText = (error: ProviderError) =>
  error instanceof WriteError ? 'could not update secret' : 'could not get secret data from provider'

const next = (object: KubernetesObject) => {
  const interval = intervalOf(object)
  return (object['spec'].refreshPolicy ?? 'Periodic') === 'Periodic' && interval > 0 ? interval : undefined
}

type Reader = Parameters<typeof clientFor>[3]

async function read(world: Store, object: KubernetesObject, routeTo: Reader, signal: AbortSignal): Promise<Record<string, string>> {
  const { spec } = object
  const open = (reference: { kind?: string; name: string } | undefined = spec.secretStoreRef) => {
    if (!reference) throw new ProviderError('no store is named for this entry')
    const kind = reference.kind === 'ClusterSecretStore' ? kinds.clusterSecretStore : kinds.secretStore
    const at = kind === kinds.secretStore ? object.metadata.namespace : undefined
    const store = world.get(kind, at, reference.name)
    if (!store)
      throw new ProviderError(
        `could not get ${kind.kind} "${reference.name}", ${kind.kind.toLowerCase()}s.external-secrets.io "${reference.name}" not found`,
      )
    // ESO's flood gate: https://external-secrets.io/latest/api/controller-options/
    if (!isReady(store)) throw new ProviderError(`error processing spec: ${kind.kind} "${reference.name}" is not ready`)
    const provider = onePasswordOf(store)
    if (!provider) throw new ProviderError(`${kind.kind} "${reference.name}" uses a provider that this sandbox does not have`)
    return { provider, client: clientFor(world, store, object.metadata.namespace ?? '', routeTo, signal) }
  }
  const data: Record<string, string> = {}
  for (const entry of spec.dataFrom ?? []) {
    if (!entry.extract) throw new ProviderError('this sandbox knows dataFrom.extract only')
    const { client, provider } = open(entry.sourceRef?.storeRef)
    Object.assign(data, Object.fromEntries(await values(client, provider, entry.extract.key)))
  }
  for (const entry of spec.data ?? []) {
    const { client, provider } = open(entry.sourceRef?.storeRef)
    data[entry.secretKey] = await value(client, provider, entry.remoteRef)
  }
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))
}

function write(world: Store, object: KubernetesObject, name: string, data: Record<string, string>): { reason: string; message: string } {
  const { namespace, uid = '' } = object.metadata
  const { creationPolicy = 'Owner', template } = object['spec'].target ?? {}
  const live = world.get(kinds.secret, namespace, name)
  if (creationPolicy === 'None') return { reason: 'SecretSynced', message: 'secret synced' }
  if (creationPolicy === 'Merge' && !live) {
    return { reason: 'SecretMissing', message: 'secret will not be created due to CreationPolicy=Merge' }
  }
  const other = live?.metadata.ownerReferences?.find((each) => each.kind === 'ExternalSecret' && each.uid !== uid)
  if (creationPolicy === 'Owner' && other) throw new WriteError(`target is owned by another ExternalSecret: ${other.name}`)
  const owner = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.metadata.name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  }
  // ESO's Owner policy makes the data its own; the other policies leave what others put there.
  const whole = creationPolicy === 'Owner' ? data : { ...live?.['data'], ...data }
  const createdBy = createHash('sha3-224').update(`${namespace}/${object.metadata.name}`).digest('hex')
  world.put(
    {
      ...live,
      apiVersion: 'v1',
      kind: 'Secret',
      type: template?.type ?? live?.['type'] ?? 'Opaque',
      metadata: {
        ...live?.metadata,
        name,
        ...(namespace ? { namespace } : {}),
        labels: {
          ...live?.metadata.labels,
          ...template?.metadata?.labels,
          [managed]: 'true',
          'reconcile.external-secrets.io/created-by': createdBy,
        },
        annotations: { ...live?.metadata.annotations, ...template?.metadata?.annotations, [hashed]: digestOf(whole) },
        ...(creationPolicy === 'Owner' ? { ownerReferences: [owner] } : {}),
      },
      data: whole,
    },
    manager,
  )
  return { reason: 'SecretSynced', message: 'secret synced' }
}

function publish(world: Store, object: KubernetesObject, ready: Parameters<typeof withCondition>[1], target?: string): void {
  const synced = { refreshTime: timestamp(), syncedResourceVersion: resourceVersionOf(object), binding: { name: target } }
  const conditions = withCondition(object['status']?.conditions, ready)
  setStatus(world, object, { ...object['status'], ...(target === undefined ? {} : synced), conditions }, manager)
}

/** A target that somebody deleted or edited is written again before its time. */
function isIntact(secret: KubernetesObject | undefined): boolean {
  return secret !== undefined && secret.metadata.annotations?.[hashed] === digestOf(secret['data'] ?? {})
}

function owners(secret: KubernetesObject): Key[] {
  const { namespace, ownerReferences = [] } = secret.metadata
  return ownerReferences.filter((each) => each.kind === 'ExternalSecret').map(({ name }) => ({ ...kinds.externalSecret, namespace, name }))
}

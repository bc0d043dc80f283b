import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { backoff } from '../backoff.ts'
import { timestamp, withCondition } from '../conditions.ts'
import { type Controller, type Key, keyOf } from '../controller.ts'
import { recordEvent } from '../events.ts'
import { is, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'
import { ProviderError } from './client.ts'
import { runningOperator, since } from './operator.ts'
import { digestOf, intervalOf, resourceVersionOf, shouldRefresh } from './refresh.ts'
import { read } from './sources.ts'
import { type EsoOptions, startsOperator } from './stores.ts'

const manager = 'external-secrets'
const managed = 'reconcile.external-secrets.io/managed'
const hashed = 'reconcile.external-secrets.io/data-hash'

/** Since some 0.20 it sees to it that a Secret goes with its ExternalSecret, where that is its policy. */
const finalizer = 'externalsecrets.external-secrets.io/externalsecret-cleanup'

/** Syncs ExternalSecrets into Secrets as ESO does (https://external-secrets.io/latest/api/externalsecret/). It doesn't watch stores. */
export function externalSecretController(world: Store, options: EsoOptions): Controller {
  const waits = backoff()
  return {
    name: 'external secrets',
    concerns: (object) => {
      if (is(object, kinds.externalSecret)) return [keyOf(object)]
      if (is(object, kinds.secret)) return users(world, object)
      return startsOperator(object) ? world.list(kinds.externalSecret).map(keyOf) : []
    },
    reconcile: async (key) => {
      const found = world.get(kinds.externalSecret, key.namespace, key.name)
      const operator = runningOperator(world)
      if (!found || !operator) return undefined
      if (found.metadata.deletionTimestamp) return cleanUp(world, found)
      const object = since(operator, 0, 20) ? withFinalizer(world, found) : found
      const target = targetOf(object)
      if (!shouldRefresh(object, new Date()) && isIntact(object, world.get(kinds.secret, key.namespace, target))) return next(object)
      try {
        const data = await read(world, object, (host) => options.routeTo(host, operator.namespace), options.signal)
        options.signal.throwIfAborted()
        const { binding, ...ready } = write(world, object, target, data)
        if (!publish(world, object, { type: 'Ready', status: 'True', ...ready }, synced(object, binding))) return 0
        waits.succeeded(key)
        return next(object)
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error
        recordEvent(world, object, { type: 'Warning', reason: 'UpdateFailed', message: error.message, component: 'external-secrets' })
        const isOwned = error instanceof OwnedError
        const message = isOwned ? 'target is owned by another ExternalSecret' : 'could not get secret data from provider'
        publish(world, object, { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message })
        // Trying again can't mend that.
        return isOwned ? undefined : waits.failed(key)
      }
    },
  }
}

class OwnedError extends ProviderError {}

const targetOf = (object: KubernetesObject): string => object['spec'].target?.name ?? object.metadata.name

const next = (object: KubernetesObject) => {
  const interval = intervalOf(object)
  return (object['spec'].refreshPolicy ?? 'Periodic') === 'Periodic' && interval > 0 ? interval : undefined
}

function withFinalizer(world: Store, object: KubernetesObject): KubernetesObject {
  const { finalizers = [] } = object.metadata
  if (finalizers.includes(finalizer)) return object
  return world.put({ ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } }, manager)
}

function cleanUp(world: Store, object: KubernetesObject): undefined {
  const { namespace, uid, finalizers = [] } = object.metadata
  const secret = world.get(kinds.secret, namespace, targetOf(object))
  const isOurs = secret?.metadata.ownerReferences?.some((each) => each.controller && each.uid === uid)
  if (isOurs && object['spec'].target?.deletionPolicy === 'Delete') world.remove(kinds.secret, namespace, targetOf(object))
  if (!finalizers.includes(finalizer)) return
  world.put({ ...object, metadata: { ...object.metadata, finalizers: finalizers.filter((each) => each !== finalizer) } }, manager)
}

interface Written {
  reason: string
  message: string
  binding?: { name: string }
}

function write(world: Store, object: KubernetesObject, name: string, data: Record<string, string>): Written {
  const { namespace, uid = '' } = object.metadata
  const { creationPolicy = 'Owner', template } = object['spec'].target ?? {}
  const live = world.get(kinds.secret, namespace, name)
  if (creationPolicy === 'None') return { reason: 'SecretSynced', message: 'secret synced' }
  if (creationPolicy === 'Merge' && !live) {
    return { reason: 'SecretMissing', message: 'secret will not be created due to CreationPolicy=Merge' }
  }
  const other = live?.metadata.ownerReferences?.find((each) => each.kind === 'ExternalSecret' && each.uid !== uid)
  if (other) throw new OwnedError(`unable to mutate secret ${name}: secret is owned by another ExternalSecret: ${other.name}`)
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
  return { reason: 'SecretSynced', message: 'secret synced', binding: { name } }
}

function synced(object: KubernetesObject, binding: Written['binding']): object {
  return { refreshTime: timestamp(), syncedResourceVersion: resourceVersionOf(object), ...(binding && { binding }) }
}

/** Writes the status of what was read; false if it has been changed meanwhile: then the operator reads anew. */
function publish(world: Store, object: KubernetesObject, ready: Parameters<typeof withCondition>[1], more: object = {}): boolean {
  const { namespace, name, resourceVersion } = object.metadata
  if (world.get(kinds.externalSecret, namespace, name)?.metadata.resourceVersion !== resourceVersion) return false
  setStatus(world, object, { ...object['status'], ...more, conditions: withCondition(object['status']?.conditions, ready) }, manager)
  return true
}

/** A target that somebody deleted or edited is written again before its time; an orphan may go. */
function isIntact(object: KubernetesObject, secret: KubernetesObject | undefined): boolean {
  if (object['spec'].target?.creationPolicy === 'Orphan') return true
  return secret?.metadata.labels?.[managed] === 'true' && secret.metadata.annotations?.[hashed] === digestOf(secret['data'] ?? {})
}

/** Those that write this Secret. */
function users(world: Store, secret: KubernetesObject): Key[] {
  const { name, namespace, labels, ownerReferences = [] } = secret.metadata
  const owners = ownerReferences.filter((each) => each.kind === 'ExternalSecret')
  if (owners.length > 0) return owners.map((owner) => ({ ...kinds.externalSecret, namespace, name: owner.name }))
  if (labels?.[managed] !== 'true') return []
  const all = world.list(kinds.externalSecret, namespace)
  return all.filter((object) => targetOf(object) === name).map(keyOf)
}

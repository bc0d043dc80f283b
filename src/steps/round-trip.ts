import { createHash, randomBytes } from 'node:crypto'
import type { Run } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { Access, Cluster } from '../kubernetes/cluster.ts'
import { insist } from '../kubernetes/insist.ts'
import { isReady, type KubernetesObject, type Resource } from '../kubernetes/object.ts'
import { secrets } from '../kubernetes/resources.ts'
import { settled } from '../kubernetes/settled.ts'
import { until } from '../kubernetes/wait.ts'
import type { Setting } from '../onepassword/troubles.ts'
import { toWatch } from './access.ts'
import { arrival, every } from './arrival.ts'
import { storedValue } from './secret.ts'
import { type StoreReference, warningsOf } from './warnings.ts'

const group = 'external-secrets.io'
const label = 'eso-bootstrap/proof'
const key = 'value'

export interface Wanted {
  namespace: string
  store: StoreReference
  item: string
  field: string
}

export interface RoundTripAt {
  cluster: Cluster
  /** Milliseconds. */
  timeout: number
  /** For the fixes of known causes. */
  setting?: Setting
}

/**
 * Reads a field of an item through a throw-away ExternalSecret, which is gone afterwards. Gives how long the value is, and a
 * digest that tells nothing of it. Throws the Failure of a known cause, or of the deadline, or `proof-empty`.
 */
export async function roundTrip({ cluster, timeout, setting }: RoundTripAt, wanted: Wanted, run: Pick<Run, 'signal' | 'say'>) {
  const { namespace, store } = wanted
  const resource = await cluster.resource(group, 'ExternalSecret')
  if (resource === undefined) throw new Error('Ready without an API')
  await sweep(cluster, resource, namespace)
  const name = `eso-bootstrap-proof-${randomBytes(4).toString('hex')}`
  const create = cluster.create(resource, externalSecret(resource, name, wanted))
  const made = await settled(
    `ExternalSecret ${namespace}/${name}`,
    create,
    () => cluster.get(resource, name, namespace),
    () => true,
  )
  try {
    run.say(`waiting for ${wanted.item}/${wanted.field}`)
    await arrival((signal) => until(cluster, resource, { name, namespace }, hasArrived, { signal, deadline: timeout }), {
      signal: run.signal,
      look: () => warningsOf(cluster, made, [store]),
      pauses: every(1_000),
      setting,
    })
    const value = storedValue(await cluster.get(secrets, name, namespace), key)
    if (value === undefined || value.bytes === 0) throw empty(wanted, setting)
    const digest = createHash('sha256').update(randomBytes(16)).update(value.reveal()).digest('hex').slice(0, 12)
    return { length: value.bytes, digest, store: `${store.kind} ${store.name}` }
  } finally {
    await removeThrowAway(cluster, resource, made)
  }
}

/** What a round trip takes. */
export function roundTripNeeds(namespace: string): Access[] {
  return [
    ...toWatch({ group, resource: 'externalsecrets', namespace }),
    ...(['create', 'delete'] as const).map((verb) => ({ verb, group, resource: 'externalsecrets', namespace })),
    ...(['get', 'delete'] as const).map((verb) => ({ verb, group: '', resource: 'secrets', namespace })),
  ]
}

function externalSecret(resource: Resource, name: string, { namespace, store, item, field }: Wanted): KubernetesObject {
  return {
    apiVersion: `${resource.group}/${resource.version}`,
    kind: resource.kind,
    metadata: { name, namespace, labels: { [label]: 'true' } },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: store.kind, name: store.name },
      target: { name, creationPolicy: 'Owner', deletionPolicy: 'Delete' },
      data: [{ secretKey: key, remoteRef: { key: item, property: field } }],
    },
  }
}

/** Ready with a refreshTime: this very object has been synchronised. */
function hasArrived(object: KubernetesObject | undefined): true | undefined {
  return isReady(object) && object?.['status']?.refreshTime ? true : undefined
}

/** Whether it was made for a round trip: one that is found was left by a run that was ended. */
export function isThrowAway({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.[label] !== undefined
}

/** What a killed run left behind. The lock is held, so it can't be another run's. */
async function sweep(cluster: Cluster, resource: Resource, namespace: string): Promise<void> {
  for await (const left of cluster.list(resource, { namespace, labelSelector: `${label}=true` }))
    await removeThrowAway(cluster, resource, left)
}

/** With its Secret; the ExternalSecret first, so that nobody makes that anew. Throws a Failure. */
export async function removeThrowAway(cluster: Cluster, resource: Resource, { metadata }: KubernetesObject): Promise<void> {
  await removeOne(cluster, resource, metadata)
  const { uid, ...secret } = (await cluster.get(secrets, metadata.name, metadata.namespace))?.metadata ?? {}
  if (uid !== undefined) await removeOne(cluster, secrets, { ...secret, name: metadata.name, uid })
}

async function removeOne(cluster: Cluster, resource: Resource, { name, namespace, uid = '' }: KubernetesObject['metadata']): Promise<void> {
  await insist(`${resource.kind} ${namespace}/${name}`, {
    look: () => cluster.get(resource, name, namespace),
    isThere: (found) => found === undefined || found.metadata.uid !== uid || found.metadata.deletionTimestamp !== undefined,
    async write() {
      await cluster.delete(resource, name, namespace, { uid })
      return undefined
    },
  })
}

function empty({ item, field }: { item: string; field: string }, { command = 'init' }: Setting = {}): Failure {
  return new Failure({
    id: 'proof-empty',
    exit: 'partly',
    what: `${item}/${field} came through, but it is empty.`,
    why: 'An empty value proves nothing.',
    fix: `eso-bootstrap ${command} --verify-item <item>/<field that holds a value>`,
  })
}

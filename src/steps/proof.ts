import { createHash, randomBytes } from 'node:crypto'
import type { Run, Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { isReady, type KubernetesObject, type Resource } from '../kubernetes/object.ts'
import { secrets } from '../kubernetes/resources.ts'
import { until } from '../kubernetes/wait.ts'
import { toWatch } from './access.ts'
import { arrival, every } from './arrival.ts'
import { storedValue } from './secret.ts'
import { warningsOf } from './warnings.ts'
import type { World } from './world.ts'

const group = 'external-secrets.io'
const label = 'eso-bootstrap/proof'
const key = 'value'

/** A value read from 1Password has arrived in a Kubernetes Secret. */
export const proof: Step<World> = {
  id: 'proof',
  title: 'a value from 1Password arrives in a Secret',
  async look(world, earlier) {
    const wanted = world.inputs.verifyItem
    const ready = await earlier('ready')
    if (wanted === undefined) return { is: 'skipped', says: 'not verified: no --verify-item', weaker: true }
    if (ready.is === 'skipped') return { is: 'skipped', says: 'not verified: not waited for', weaker: true }
    const { namespace } = await world.folder()
    const field = wanted.field ?? 'password'
    return {
      is: 'pending',
      says: `prove it with ${wanted.item}/${field}`,
      changes: [{ action: 'act', what: `read ${wanted.item}/${field} through a throw-away ExternalSecret` }],
      needs: [
        ...toWatch({ group, resource: 'externalsecrets', namespace }),
        ...['create', 'delete'].map((verb) => ({ verb, group, resource: 'externalsecrets', namespace })),
        ...['get', 'delete'].map((verb) => ({ verb, group: '', resource: 'secrets', namespace })),
      ],
      async makeItSo(run) {
        const { length, digest, store } = await roundTrip(world, { item: wanted.item, field }, run)
        return { says: `${wanted.item}/${field} came through ${store}: ${length} bytes, salted digest ${digest}` }
      },
    }
  },
}

async function roundTrip(world: World, wanted: { item: string; field: string }, run: Run) {
  const cluster = await world.cluster()
  const { namespace, stores } = await world.folder()
  const resource = await cluster.resource(group, 'ExternalSecret')
  const store = stores.find(({ kind }) => kind === 'ClusterSecretStore') ?? stores[0]
  if (resource === undefined || store === undefined) throw new Error('Ready without an API or a store')
  await sweep(cluster, resource, namespace)
  const name = `eso-bootstrap-proof-${randomBytes(4).toString('hex')}`
  const made = await cluster.create(resource, externalSecret(resource, { name, namespace, store, ...wanted }))
  try {
    run.say(`waiting for ${wanted.item}/${wanted.field}`)
    await arrival((signal) => until(cluster, resource, { name, namespace }, hasArrived, { signal, deadline: world.inputs.timeout }), {
      signal: run.signal,
      look: () => warningsOf(cluster, made, [store]),
      pauses: every(1_000),
    })
    const value = storedValue(await cluster.get(secrets, name, namespace), key)
    if (value === undefined || value.bytes === 0) throw empty(wanted)
    const digest = createHash('sha256').update(randomBytes(16)).update(value.reveal()).digest('hex').slice(0, 12)
    return { length: value.bytes, digest, store: `${store.kind} ${store.name}` }
  } finally {
    await remove(cluster, resource, made)
  }
}

function externalSecret(
  resource: Resource,
  at: { name: string; namespace: string; store: { kind: string; name: string }; item: string; field: string },
): KubernetesObject {
  return {
    apiVersion: `${resource.group}/${resource.version}`,
    kind: resource.kind,
    metadata: { name: at.name, namespace: at.namespace, labels: { [label]: 'true' } },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: at.store.kind, name: at.store.name },
      target: { name: at.name, creationPolicy: 'Owner', deletionPolicy: 'Delete' },
      data: [{ secretKey: key, remoteRef: { key: at.item, property: at.field } }],
    },
  }
}

/** Ready with a refreshTime: this very object has been synchronised. */
function hasArrived(object: KubernetesObject | undefined): true | undefined {
  return isReady(object) && object?.['status']?.refreshTime ? true : undefined
}

/** What a killed run left behind. The lock is held, so it can't be another run's. */
async function sweep(cluster: Cluster, resource: Resource, namespace: string): Promise<void> {
  for await (const left of cluster.list(resource, { namespace, labelSelector: `${label}=true` })) await remove(cluster, resource, left)
}

async function remove(cluster: Cluster, resource: Resource, made: KubernetesObject): Promise<void> {
  const { name, namespace, uid = '' } = made.metadata
  const secret = await cluster.get(secrets, name, namespace)
  await cluster.delete(resource, name, namespace, { uid })
  if (secret?.metadata.uid !== undefined) await cluster.delete(secrets, name, namespace, { uid: secret.metadata.uid })
}

function empty({ item, field }: { item: string; field: string }): Failure {
  return new Failure({
    id: 'proof-empty',
    exit: 'partly',
    what: `${item}/${field} came through, but it is empty.`,
    why: 'An empty value proves nothing.',
    fix: 'eso-bootstrap init --verify-item <item>/<field that holds a value>',
  })
}

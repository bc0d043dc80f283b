import { randomBytes } from 'node:crypto'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { insist } from '../kubernetes/insist.ts'
import type { KubernetesObject, Resource } from '../kubernetes/object.ts'
import { secrets } from '../kubernetes/resources.ts'
import { settled } from '../kubernetes/settled.ts'
import type { Secret } from '../secret.ts'
import { hasEnded, thisProcess } from './holder.ts'
import { storedValue } from './secret.ts'
import type { StoreReference } from './warnings.ts'

const label = 'eso-bootstrap/proof'
/** Until when it is in use, and by which process: a run that is killed can't take it away. */
const inUse = 'eso-bootstrap/in-use-until'
const key = 'value'
/** Milliseconds by which clocks may differ. */
const skew = 60_000

export interface Wanted {
  namespace: string
  store: StoreReference
  item: string
  field: string
}

export interface ThrowAway {
  resource: Resource
  object: KubernetesObject
  /** What the operator has put into its Secret. */
  value(): Promise<Secret | undefined>
}

export interface Life {
  /** How often the operator reads from 1Password, as it writes it. */
  refreshInterval?: string
  /** Milliseconds after which nobody uses it any more. */
  lasts: number
}

/**
 * Makes a throw-away ExternalSecret, and takes it away with its Secret when `use` has ended, however it ended. Throws what `use`
 * throws; `throw-away-left` if it is still there, whatever else has happened.
 */
export async function withThrowAway<T>(cluster: Cluster, wanted: Wanted, life: Life, use: (made: ThrowAway) => Promise<T>): Promise<T> {
  const resource = await externalSecrets(cluster)
  if (resource === undefined) throw new Error('Ready without an API')
  const { namespace } = wanted
  const name = `eso-bootstrap-proof-${randomBytes(4).toString('hex')}`
  const object = await settled(
    `ExternalSecret ${namespace}/${name}`,
    cluster.create(resource, externalSecret(resource, name, wanted, life)),
    () => cluster.get(resource, name, namespace),
    () => true,
  )
  try {
    return await use({ resource, object, value: async () => storedValue(await cluster.get(secrets, name, namespace), key) })
  } finally {
    await removeThrowAway(cluster, resource, object).catch((error) => {
      throw stillThere(object, error)
    })
  }
}

function externalSecret(resource: Resource, name: string, { namespace, store, item, field }: Wanted, life: Life): KubernetesObject {
  const until = new Date(Date.now() + life.lasts + skew).toISOString()
  return {
    apiVersion: `${resource.group}/${resource.version}`,
    kind: resource.kind,
    metadata: { name, namespace, labels: { [label]: 'true' }, annotations: { [inUse]: `${until} ${thisProcess()}` } },
    spec: {
      refreshInterval: life.refreshInterval ?? '1h',
      secretStoreRef: { kind: store.kind, name: store.name },
      target: { name, creationPolicy: 'Owner', deletionPolicy: 'Delete' },
      data: [{ secretKey: key, remoteRef: { key: item, property: field } }],
    },
  }
}

function stillThere({ metadata: { name, namespace } }: KubernetesObject, error: unknown): unknown {
  // That one names it already.
  if (!(error instanceof Failure) || error.id === 'outcome-unknown') return error
  return new Failure({
    id: 'throw-away-left',
    exit: 'partly',
    what: `The throw-away ExternalSecret ${namespace}/${name} could not be taken away, or its Secret could not.`,
    why: error.message,
    fix: [
      `kubectl delete externalsecret,secret ${name} -n ${namespace} --ignore-not-found`,
      'Or run the same command again: it takes away what it finds.',
    ],
  })
}

function externalSecrets(cluster: Cluster): Promise<Resource | undefined> {
  return cluster.resource('external-secrets.io', 'ExternalSecret')
}

/** Whether it was made to prove something: it is nobody's application. */
export function isThrowAway({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.[label] !== undefined
}

/** Whether the run that made it was ended, so that nobody else takes it away. */
export function isLeftBehind({ metadata }: KubernetesObject): boolean {
  const [until = '', holder = ''] = metadata.annotations?.[inUse]?.split(' ') ?? []
  return !(Date.parse(until) > Date.now()) || hasEnded(holder)
}

/** What killed runs have left behind: in one namespace, or in all. Throws what listing throws. */
export async function leftBehind(cluster: Cluster, namespace?: string, signal?: AbortSignal): Promise<KubernetesObject[]> {
  const resource = await externalSecrets(cluster)
  if (resource === undefined) return []
  const found: KubernetesObject[] = []
  const options = { labelSelector: `${label}=true`, ...(namespace && { namespace }), ...(signal && { signal }) }
  for await (const object of cluster.list(resource, options)) if (isLeftBehind(object)) found.push(object)
  return found
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

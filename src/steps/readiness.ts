import type { Run } from '../engine/step.ts'
import type { Access, Cluster } from '../kubernetes/cluster.ts'
import { condition, isReady, type KubernetesObject, type Resource } from '../kubernetes/object.ts'
import { customResourceDefinitions, deployments } from '../kubernetes/resources.ts'
import { isEstablished, whenServed } from '../kubernetes/served.ts'
import { until } from '../kubernetes/wait.ts'
import { toWatch } from './access.ts'
import { revalidate } from './revalidate.ts'
import { explain } from './trouble.ts'
import type { ClusterWorld, Installation } from './world.ts'

/** One thing that has to be Ready before a secret can come through. */
export interface Part {
  /** As a person calls it: "ClusterSecretStore onepassword". */
  says: string
  isReady(object: KubernetesObject): boolean
  at: { name: string; namespace?: string }
  of: { group: string; resource: string }
  /** Its CRD, if the operator brings it. */
  crd?: string
  /** Undefined while the cluster doesn't know the kind. */
  resource(cluster: Cluster): Promise<Resource | undefined>
}

/** What has to be Ready, in the order in which it becomes so: the operator, its API and webhook, Connect, the stores. */
export async function parts(world: ClusterWorld): Promise<Part[]> {
  const { operator, connect, stores, namespace } = await world.folder()
  const all: Part[] = []
  if (operator !== undefined) {
    const home = operator.namespace ?? namespace
    all.push({
      says: `HelmRelease ${operator.name}`,
      isReady: isCurrent,
      at: { name: operator.name, namespace: home },
      of: { group: 'helm.toolkit.fluxcd.io', resource: 'helmreleases' },
      resource: (cluster) => cluster.resource('helm.toolkit.fluxcd.io', 'HelmRelease'),
    })
    const { prefix, namespace: target = home } = operator.workloads
    const webhook = { name: `${prefix}-webhook`, namespace: target }
    all.push({ says: 'webhook', isReady: isAvailable, at: webhook, ...fixed(deployments) })
  }
  for (const kind of new Set(stores.map((store) => store.kind))) {
    all.push({ says: `API ${kind}`, isReady: isEstablished, at: { name: definitionOf(kind) }, ...fixed(customResourceDefinitions) })
  }
  return [...all, ...connectPart(connect, namespace), ...storeParts(stores, namespace)]
}

/** Connect, where its Deployment is here. */
export function connectPart(connect: Installation['connect'], namespace: string): Part[] {
  if (connect?.kind !== 'Deployment') return []
  const at = { name: connect.name, namespace: connect.namespace ?? namespace }
  return [{ says: '1Password Connect', isReady: isAvailable, at, ...fixed(deployments) }]
}

export function storeParts(stores: Installation['stores'], namespace: string): Part[] {
  return stores.map(({ kind, name, namespace: own }) => ({
    says: `${kind} ${name}`,
    isReady,
    at: kind === 'SecretStore' ? { name, namespace: own ?? namespace } : { name },
    of: { group: 'external-secrets.io', resource: `${kind.toLowerCase()}s` },
    crd: definitionOf(kind),
    resource: (cluster) => cluster.resource('external-secrets.io', kind),
  }))
}

/** A kind that every cluster has. */
function fixed(resource: Resource): Pick<Part, 'of' | 'resource'> {
  return { of: { group: resource.group, resource: resource.plural }, resource: async () => resource }
}

function definitionOf(kind: string): string {
  return `${kind.toLowerCase()}s.external-secrets.io`
}

/** What the user must be allowed to do so that all parts can be waited for. */
export async function readinessNeeds(world: ClusterWorld): Promise<Access[]> {
  return (await parts(world)).flatMap(({ of, at }) => toWatch({ ...of, ...at }))
}

/** The parts that are not Ready at this moment. */
export async function unready(world: ClusterWorld): Promise<Part[]> {
  const cluster = await world.cluster()
  const all = await parts(world)
  const ready = await Promise.all(
    all.map(async (part) => {
      const resource = await part.resource(cluster)
      const object = resource && (await cluster.get(resource, part.at.name, part.at.namespace))
      return object !== undefined && part.isReady(object)
    }),
  )
  return all.filter((_, at) => !ready[at])
}

/**
 * Watches all parts side by side until each has been Ready, and asks unready stores to look again from time to time:
 * their own retries slow down to minutes. Throws a Failure that names the cause, early where waiting can't mend it.
 */
export async function awaitReadiness(world: ClusterWorld, run: Run, wanted?: readonly Part[]): Promise<void> {
  const cluster = await world.cluster()
  const all = wanted ?? (await parts(world))
  const open = new Set(all)
  const stop = new AbortController()
  const signal = AbortSignal.any([run.signal, stop.signal])
  const started = Date.now()
  const tell = () => run.say(`waiting for ${[...open].map(({ says }) => says).join(', ')}`)
  const deadline = Date.now() + world.inputs.timeout
  tell()
  const waits = all.map(async (part) => {
    const resource = await served(cluster, part, signal, deadline)
    await until(cluster, resource, part.at, (object) => (object !== undefined && part.isReady(object) ? true : undefined), {
      signal,
      deadline: Math.max(0, deadline - Date.now()),
    })
    open.delete(part)
    if (!world.seen.has(part.says)) run.note(`${part.says} is Ready, after ${Math.round((Date.now() - started) / 1000)} s`)
    world.seen.add(part.says)
    if (open.size > 0) tell()
  })
  try {
    await Promise.race([Promise.all(waits), revalidate(world, () => open, signal)])
  } catch (error) {
    run.signal.throwIfAborted()
    throw await explain(world, [...open], error)
  } finally {
    stop.abort()
    await Promise.allSettled(waits)
  }
}

/** The kind of a part, as soon as the cluster serves it: stores have none before the operator brings their CRDs. */
async function served(cluster: Cluster, part: Part, signal: AbortSignal, deadline: number): Promise<Resource> {
  const now = await part.resource(cluster)
  if (now !== undefined) return now
  if (part.crd === undefined) throw new Error(`${part.says} is of a kind that no CRD brings, and isn't served`)
  const at = { definition: part.crd, resource: () => part.resource(cluster) }
  return whenServed(cluster, at, { signal, deadline: Math.max(0, deadline - Date.now()) })
}

function isCurrent(object: KubernetesObject): boolean {
  return isReady(object) && (object['status']?.observedGeneration ?? object.metadata.generation) === object.metadata.generation
}

function isAvailable(object: KubernetesObject): boolean {
  const { observedGeneration, updatedReplicas = 0, replicas = 0 } = object['status'] ?? {}
  const rolled = observedGeneration === object.metadata.generation && updatedReplicas === replicas
  return rolled && condition(object, 'Available')?.status === 'True'
}

import { Failure } from '../../failure.ts'
import { groups } from '../../flux/objects.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { all } from '../../kubernetes/collect.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { isConnect } from '../../manifests/connect.ts'
import { isOperator } from '../../manifests/operator.ts'
import type { NotSeen } from '../check.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'

export interface Release {
  object: KubernetesObject
  brings: 'operator' | 'connect'
  /** Where its chart comes from; undefined where that doesn't exist, or can't be read. */
  source: KubernetesObject | undefined
  /** Why it can't be read. */
  unread?: string
  /** What `spec` says of it: the name of a source that may not exist. */
  from: { kind: string; namespace: string; name: string }
}

/** The HelmReleases that install External Secrets Operator or Connect, and where their charts come from. A cluster may have hundreds. */
export const releasesHere = shared(async ({ cluster, signal }: DoctorWorld): Promise<Release[]> => {
  const resource = await cluster.resource(groups.helm, 'HelmRelease')
  const candidates: KubernetesObject[] = []
  if (resource !== undefined) {
    for await (const each of cluster.list(resource, { signal })) {
      if (each['spec']?.chartRef !== undefined || bringsOf(each) !== undefined) candidates.push(each)
    }
  }
  const kinds = new Set(candidates.flatMap((each) => (each['spec']?.chartRef === undefined ? [] : [sourceOf(each).kind])))
  const listed = await Promise.all([...kinds].map(async (kind) => [kind, await allOf(cluster, kind, signal).catch(failure)] as const))
  const referenced = new Map(listed)
  const releases = candidates.map(async (object): Promise<Release[]> => {
    const from = sourceOf(object)
    const known = object['spec']?.chartRef === undefined ? undefined : referenced.get(from.kind)
    const read =
      known === undefined ? await oneOf(cluster, from, signal).catch(failure) : known instanceof Failure ? known : find(known, from)
    const [source, unread] = read instanceof Failure ? [undefined, read.message] : [read, undefined]
    const brings = bringsOf(object, source)
    return brings === undefined ? [] : [{ object, brings, source, from, ...(unread !== undefined && { unread }) }]
  })
  return (await Promise.all(releases)).flat()
})

function bringsOf(release: KubernetesObject, source?: KubernetesObject): Release['brings'] | undefined {
  const others = source === undefined ? [] : [{ object: source, line: 1 }]
  return isOperator(release, others) ? 'operator' : isConnect(release, others) ? 'connect' : undefined
}

async function allOf(cluster: Cluster, kind: string, signal: AbortSignal): Promise<KubernetesObject[]> {
  const resource = await cluster.resource(groups.source, kind)
  return resource === undefined ? [] : all(cluster.list(resource, { signal }))
}

async function oneOf(
  cluster: Cluster,
  { kind, namespace, name }: Release['from'],
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const resource = await cluster.resource(groups.source, kind)
  return resource && cluster.get(resource, name, namespace, signal)
}

function find(all: readonly KubernetesObject[], { namespace, name }: Release['from']): KubernetesObject | undefined {
  return all.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
}

/** For a check that looks at more than these: what can't be read is a part that it hasn't seen. */
export async function releasesSeen(world: DoctorWorld): Promise<{ releases: Release[]; unseen: NotSeen[] }> {
  const read = await releasesHere(world).catch(failure)
  if (read instanceof Failure) return { releases: [], unseen: [{ notSeen: 'the Helm releases', why: read.message }] }
  const unseen = read.flatMap(({ from: { kind, namespace, name }, unread: why }) =>
    why === undefined ? [] : [{ notSeen: `${kind} ${namespace}/${name}`, why }],
  )
  return { releases: read, unseen }
}

function failure(error: unknown): Failure {
  if (error instanceof Failure) return error
  throw error
}

/** https://fluxcd.io/flux/components/helm/helmreleases/#chart-reference */
function sourceOf(release: KubernetesObject): Release['from'] {
  const { chart, chartRef } = release['spec'] ?? {}
  const reference = chartRef ?? chart?.spec?.sourceRef ?? {}
  const namespace: string = reference.namespace ?? release.metadata.namespace ?? ''
  return { kind: String(reference.kind ?? 'HelmRepository'), namespace, name: String(reference.name ?? '') }
}

import { Failure } from '../../failure.ts'
import { groups } from '../../flux/objects.ts'
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

/** The HelmReleases that install External Secrets Operator or Connect, and where their charts come from. */
export const releasesHere = shared(async ({ cluster, signal }: DoctorWorld): Promise<Release[]> => {
  const resource = await cluster.resource(groups.helm, 'HelmRelease')
  const found = resource === undefined ? [] : await all(cluster.list(resource, { signal }))
  const each = found.map(async (object) => {
    const from = sourceOf(object)
    const kind = await cluster.resource(groups.source, from.kind)
    const read = kind && (await cluster.get(kind, from.name, from.namespace, signal).catch(failure))
    const [source, unread] = read instanceof Failure ? [undefined, read.message] : [read, undefined]
    const others = source === undefined ? [] : [{ object: source, line: 1 }]
    const brings = isOperator(object, others) ? 'operator' : isConnect(object, others) ? 'connect' : undefined
    return brings === undefined ? [] : [{ object, brings, source, from, ...(unread !== undefined && { unread }) } as const]
  })
  return (await Promise.all(each)).flat()
})

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

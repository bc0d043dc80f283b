import { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { leftBehind, removeThrowAway } from '../throw-away.ts'

/** What was found of runs that were killed: each as `namespace/name`. */
export interface Swept {
  removed: string[]
  /** This user may not take them away, or it could not be done. */
  kept: string[]
}

/** Takes away what killed runs have left, wherever this user may look: in all namespaces, or else in these. */
export async function sweep(cluster: Cluster, namespaces: ReadonlySet<string>, signal: AbortSignal): Promise<Swept> {
  const found = await leftBehind(cluster, undefined, signal).catch(async (error) => {
    if (!isRefused(error)) throw error
    return (await Promise.all([...namespaces].map((each) => leftBehind(cluster, each, signal)))).flat()
  })
  const swept: Swept = { removed: [], kept: [] }
  const resource = found.length === 0 ? undefined : await cluster.resource('external-secrets.io', 'ExternalSecret')
  for (const left of found) {
    if (resource === undefined) break
    signal.throwIfAborted()
    const isGone = await removeThrowAway(cluster, resource, left).then(() => true, unlessFailure)
    swept[isGone ? 'removed' : 'kept'].push(nameOf(left))
  }
  return swept
}

function isRefused(error: unknown): boolean {
  return error instanceof Failure && error.exit === 'refused'
}

function unlessFailure(error: unknown): false {
  if (!(error instanceof Failure)) throw error
  return false
}

function nameOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace}/${metadata.name}`
}

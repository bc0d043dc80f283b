import { plain } from '../text/plain.ts'
import type { Cluster } from './cluster.ts'

/** What clusters are called: by their contexts, and where two are called the same by their servers too. */
export function clusterNames(clusters: readonly (Pick<Cluster, 'context' | 'server'> | undefined)[]): string[] {
  return clusters.map((cluster) => {
    if (cluster === undefined) return 'a cluster that is not known'
    const isShared = clusters.some((each) => each?.context === cluster.context && each.server !== cluster.server)
    return plain(isShared ? `${cluster.context} at ${cluster.server}` : cluster.context)
  })
}

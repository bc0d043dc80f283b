import type { Repository } from '../git/repository.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { runsConnect } from '../manifests/consumer.ts'
import { reachedIn } from './folder.ts'
import { isOperatorPart } from './operator.ts'
import { openStatusWorld, type StatusWorld } from './world.ts'

interface At {
  /** Undefined outside of a git repository. */
  repository(): Promise<Repository | undefined>
  inputs: { repo: string; path?: string }
  now: Date
  signal: AbortSignal
}

/** A cluster and a working tree, if there is one, as they are looked at once. */
export function openStatus(cluster: Cluster, { inputs, ...at }: At): StatusWorld {
  const keeps = (deployment: Parameters<typeof isOperatorPart>[0]) => isOperatorPart(deployment) || runsConnect(deployment)
  return openStatusWorld(cluster, { ...at, reached: async (flux) => reachedIn({ repository: await at.repository(), inputs }, flux) }, keeps)
}

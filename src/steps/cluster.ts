import type { Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { CommandName } from '../options.ts'
import type { ClusterWorld } from './world.ts'

/** The API server answers, and it is the one that is meant. */
export const cluster: Step<ClusterWorld> = {
  id: 'cluster',
  title: 'the API server answers',
  async look(world) {
    const cluster = await world.cluster()
    refuseOther(cluster, world.inputs.expectCluster, world.command)
    return { is: 'already', says: `${cluster.context} at ${cluster.server}, Kubernetes ${await cluster.version()}` }
  },
}

/** Throws a Failure unless this is the cluster that `--expect-cluster` names, by its context or its URL. */
export function refuseOther(cluster: Pick<Cluster, 'context' | 'server'>, expected: string | undefined, command: CommandName): void {
  if (expected === undefined || expected === cluster.context || expected === cluster.server) return
  throw new Failure({
    id: 'other-cluster',
    exit: 'usage',
    what: `The context ${cluster.context} at ${cluster.server} is not the cluster that --expect-cluster names.`,
    fix: ['kubectl config get-contexts', `eso-bootstrap ${command} --context <name>`],
  })
}

import type { Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { ClusterWorld } from './world.ts'

/** The API server answers, and it is the one that is meant. */
export const cluster: Step<ClusterWorld> = {
  id: 'cluster',
  title: 'the API server answers',
  async look(world) {
    const cluster = await world.cluster()
    const expected = world.inputs.expectCluster
    if (expected !== undefined && expected !== cluster.context && expected !== cluster.server) {
      throw new Failure({
        id: 'other-cluster',
        exit: 'usage',
        what: `The context ${cluster.context} at ${cluster.server} is not the cluster that --expect-cluster names.`,
        fix: ['kubectl config get-contexts', `eso-bootstrap ${world.command} --context <name>`],
      })
    }
    return { is: 'already', says: `${cluster.context} at ${cluster.server}, Kubernetes ${await cluster.version()}` }
  },
}

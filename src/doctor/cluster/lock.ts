import { Failure } from '../../failure.ts'
import { requireFree } from '../../kubernetes/lease.ts'
import { lockName } from '../../steps/lock.ts'
import { type ClusterCheck, type Finding, findingOf } from '../check.ts'
import { homes } from './homes.ts'

/** A run that was killed holds it until it expires, for a minute at most. */
export const lockFree: ClusterCheck = {
  id: 'lock-free',
  category: 'cluster',
  title: 'no other run of eso-bootstrap is at work',
  severity: 'warning',
  needs: ['api-server'],
  explains: true,
  page: {
    symptom: 'eso-bootstrap ends with "Another run is at work on the namespace" and exit code 6.',
    cause:
      'Somebody else, or a job, runs init or a rotation on this cluster at this moment, and holds the Lease that keeps two runs apart. What it has begun may look broken until it ends.',
    fix: 'Wait until it has ended, and look again. A run that was killed holds the Lease for one minute more.',
    sources: ['https://kubernetes.io/docs/concepts/architecture/leases/'],
  },
  looksAt: 'cluster',
  async look(world) {
    const found = await homes(world)
    const each = (found.length === 0 ? ['external-secrets'] : found).map((namespace) => heldIn(world.cluster, namespace))
    return (await Promise.all(each)).flat()
  },
}

async function heldIn(cluster: Parameters<typeof requireFree>[0], namespace: string): Promise<Finding[]> {
  try {
    await requireFree(cluster, { namespace, name: lockName })
    return []
  } catch (error) {
    if (!(error instanceof Failure && error.exit === 'busy')) throw error
    return [findingOf(`Lease ${namespace}/${lockName}`, error)]
  }
}

import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import type { Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import { acquireLease, requireFree } from '../kubernetes/lease.ts'
import type { ClusterWorld } from './world.ts'

/** The Lease's name, in the namespace that is worked on. */
export const lockName = 'eso-bootstrap'

/** No other run is at work in this namespace. */
export const lock: Step<ClusterWorld> = {
  id: 'lock',
  title: 'no other run is at work',
  async look(world) {
    const [cluster, { namespace }] = await Promise.all([world.cluster(), world.folder()])
    await requireFree(cluster, { namespace, name: lockName })
    return {
      is: 'pending',
      says: 'take the lock',
      changes: [],
      needs: ['create', 'patch', 'delete'].map((verb) => ({ verb, group: 'coordination.k8s.io', resource: 'leases', namespace })),
      async makeItSo() {
        const holder = `${userInfo().username}@${hostname()} ${randomUUID().slice(0, 8)}`
        const lease = await acquireLease(cluster, { namespace, name: lockName, holder, seconds: 60 }).catch(async (error) => {
          const isHeld = requireFree(cluster, { namespace, name: lockName }).then(
            () => false,
            () => true,
          )
          world.lockedOut = error instanceof Failure && error.exit === 'busy' && (await isHeld)
          throw error
        })
        return { says: 'lock taken', stops: lease.lost, release: () => lease.release() }
      },
    }
  },
}

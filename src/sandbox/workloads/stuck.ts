import type { KubernetesObject } from '../../kubernetes/object.ts'
import { withCondition } from '../conditions.ts'
import type { Container } from './containers.ts'
import type { Obstacle } from './obstacles.ts'

/** The status of a pod that doesn't come to run. */
export function stuckStatus(pod: KubernetesObject, containers: readonly Container[], obstacle: Obstacle): object {
  const before = pod['status']?.conditions
  if (obstacle.is === 'unschedulable') {
    return {
      phase: 'Pending',
      conditions: withCondition(before, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: obstacle.message }),
    }
  }
  const unready = {
    type: 'Ready',
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${containers.map(({ name }) => name).join(' ')}]`,
  } as const
  const conditions = withCondition(withCondition(before, { type: 'PodScheduled', status: 'True' }), unready)
  const at = pod.metadata.creationTimestamp
  return {
    phase: obstacle.is === 'image' ? 'Pending' : 'Running',
    startTime: at,
    conditions,
    containerStatuses: containers.map(({ name, image }) => ({
      ...{ name, image, imageID: '', ready: false, started: false },
      ...(obstacle.is === 'image'
        ? { restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message: obstacle.message } } }
        : {
            restartCount: 6,
            state: {
              waiting: {
                reason: 'CrashLoopBackOff',
                message: `back-off 5m0s restarting failed container=${name} pod=${pod.metadata.name}`,
              },
            },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: at, finishedAt: at } },
          }),
    })),
  }
}

import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import type { Container, Missing, View } from '../../../src/sandbox/workloads/containers.ts'

interface State {
  views: ReadonlyMap<Container, View | Missing>
  ip: string
  started: boolean
  ready: boolean
}

/** The status that the kubelet writes, as far as anybody here reads it. */
export function statusOf(pod: KubernetesObject, { views, ip, started, ready }: State): object {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const names = [...views.keys()].map(({ name }) => name).join(' ')
  const unready = { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` }
  const flag = (type: string, isTrue: boolean) => ({
    ...{ type, status: isTrue ? 'True' : 'False', lastTransitionTime: now },
    ...(isTrue ? {} : unready),
  })
  return {
    phase: started ? 'Running' : 'Pending',
    startTime: pod.metadata.creationTimestamp,
    hostIP: '10.244.0.1',
    ...(started ? { podIP: ip, podIPs: [{ ip }] } : {}),
    conditions: [flag('PodScheduled', true), flag('Initialized', true), flag('ContainersReady', ready), flag('Ready', ready)],
    containerStatuses: [...views].map(([{ name, image }, view]) => {
      const waiting = 'reason' in view ? view : { reason: 'ContainerCreating' }
      const state = started ? { running: { startedAt: now } } : { waiting }
      return { name, image, imageID: '', ready, started, restartCount: 0, state }
    }),
  }
}

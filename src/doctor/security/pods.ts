import { condition, type KubernetesObject } from '../../kubernetes/object.ts'
import { runsConnect } from '../../manifests/consumer.ts'
import { podsOf, runs, whyNotReady, workloadOf } from '../../status/workload.ts'
import type { ClusterCheck, Finding } from '../check.ts'
import type { DoctorWorld } from '../world.ts'

/** Restarts of a pod that was not left alone since yesterday; nodes restart now and then. */
const often = 5
const recently = 24 * 60 * 60 * 1000

/** https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/images/types.go, pkg/kubelet/kuberuntime/kuberuntime_container.go */
const stuck =
  /^(CrashLoopBackOff|ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|CreateContainerConfigError|CreateContainerError|RunContainerError)$/

interface Status {
  name: string
  restartCount?: number
  state?: { waiting?: { reason?: string }; running?: object }
  lastState?: { terminated?: { reason?: string; finishedAt?: string } }
}

/** That the operator's Deployment doesn't run, and why, is told by operator-runs. */
export const podsHealthy: ClusterCheck = {
  id: 'pods-healthy',
  category: 'connect',
  title: "Connect's and the operator's pods start, and keep running",
  severity: 'error',
  needs: ['api-server', 'credentials-secret'],
  page: {
    symptom: 'Pods are Pending, ImagePullBackOff, CreateContainerConfigError or CrashLoopBackOff; or values are late now and then.',
    cause:
      'No node has room for the pod, its image cannot be pulled, a Secret that it reads is missing, the program ends by itself, or it needs more memory than its limit allows.',
    fix: 'kubectl describe pod says which one it is. Raise the memory limit in the Deployment or in the values of the Helm release.',
    sources: [
      'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
      'https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const found = await world.live.deployments()
    return (await Promise.all(found.map((each) => wrongWith(world, each)))).flat()
  },
}

async function wrongWith(world: DoctorWorld, deployment: KubernetesObject): Promise<Finding[]> {
  const pods = await podsOf(world.live, deployment)
  const isRunning = runs(workloadOf(deployment))
  const isTold = !isRunning && !runsConnect(deployment)
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((pod): Finding[] => {
      const { namespace = '', name } = pod.metadata
      const about = `Pod ${namespace}/${name}`
      const why = whyStuck(pod)
      if (why === undefined) return weak(pod, world.now).map((each) => ({ about, severity: 'warning', ...each }))
      if (isTold) return []
      const describe = `kubectl describe pod ${name} -n ${namespace}`
      const fix =
        runsConnect(deployment) && why.includes('CreateContainerConfigError')
          ? ['eso-bootstrap init --credentials <file>', describe]
          : [describe]
      // The pods of before do the work.
      return [{ about, why, fix, ...(isRunning && { severity: 'warning' as const }) }]
    })
}

function whyStuck(pod: KubernetesObject): string | undefined {
  const waiting = statuses(pod).filter(({ state }) => stuck.test(state?.waiting?.reason ?? ''))
  const isHomeless = condition(pod, 'PodScheduled')?.status === 'False'
  if (waiting.length === 0 && !isHomeless) return undefined
  const said = whyNotReady([{ ...pod, status: { ...pod['status'], containerStatuses: waiting } }])
  return said ?? 'It finds no node, and the scheduler does not say why.'
}

/** What runs again, and will break again. */
function weak(pod: KubernetesObject, now: Date): Pick<Finding, 'why' | 'fix'>[] {
  const { namespace = '', name: podName } = pod.metadata
  return statuses(pod).flatMap(({ name, restartCount = 0, state, lastState }) => {
    const ended = lastState?.terminated
    if (state?.running === undefined || ended === undefined) return []
    if (ended.reason === 'OOMKilled') {
      const why = `The container ${name} runs again, but was killed before: it needed more memory than its limit allows.`
      return [{ why, fix: [`kubectl describe pod ${podName} -n ${namespace}`, 'Raise its memory limit (resources.limits.memory).'] }]
    }
    const isRecent = now.getTime() - Date.parse(ended.finishedAt ?? '') < recently
    if (restartCount < often || !isRecent) return []
    const why = `The container ${name} has restarted ${restartCount} times, the last time within a day.`
    return [{ why, fix: [`kubectl logs ${podName} -n ${namespace} -c ${name} --previous`] }]
  })
}

function statuses(pod: KubernetesObject): Status[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod['status'] ?? {}
  return [...initContainerStatuses, ...containerStatuses]
}

import type { Condition, KubernetesObject } from '../../kubernetes/object.ts'
import { condition } from '../../kubernetes/object.ts'
import { withCondition } from '../conditions.ts'
import type { AccountModel } from '../connect/account.ts'
import type { ConnectServer } from '../connect/server.ts'
import { type Controller, keyOf } from '../controller.ts'
import { recordEvent } from '../events.ts'
import { is, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'
import { type Listening, logLine, startConnectIn } from './connect.ts'
import { type Container, type Missing, type View, viewOf } from './containers.ts'
import { obstacleOf } from './obstacles.ts'
import { stuckStatus } from './stuck.ts'
import { startWebIn, type Web } from './web.ts'

export interface Kubelet extends Controller {
  /** Where on loopback that is which listens in a pod, Connect or not, and the port that it has there. */
  listeningIn(pod: KubernetesObject): { url: string; port: number } | undefined
  /** All Connect servers that run now. */
  running(): ConnectServer[]
}

export interface KubeletOptions {
  /** Milliseconds that a container takes to start, and a Connect server to answer. */
  delay: number
  connectDelay: number
  /** Where the text of a container's log goes, whole, whenever it grows. */
  onLog(container: { namespace: string; pod: string; container: string }, text: string): void
}

interface Started {
  uid: string
  connect?: Listening
  web?: Web
}

/**
 * Starts the containers of pods as soon as all that they read is there. What a container sees is fixed at that moment:
 * a Secret that changes later is seen by the next pod only. A Connect server really runs, with the OP_SESSION it was given.
 */
export function kubelet(store: Store, account: AccountModel, options: KubeletOptions): Kubelet {
  const started = new Map<string, Started>()
  const id = (namespace: string | undefined, name: string) => `${namespace}/${name}`

  const stop = async (at: string) => {
    const { connect, web } = started.get(at) ?? {}
    started.delete(at)
    await Promise.all([connect?.server.close(), web?.close()])
  }

  const start = async (pod: KubernetesObject, views: Map<Container, View>) => {
    if (options.delay > 0) await new Promise((resolve) => setTimeout(resolve, options.delay))
    const entry: Started = { uid: pod.metadata.uid ?? '' }
    const logs = new Map<string, string>()
    const write = (container: string, level: 'I' | 'E', text: string) => {
      logs.set(container, `${logs.get(container) ?? ''}${logLine(level, text)}\n`)
      options.onLog({ namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name, container }, logs.get(container) ?? '')
    }
    for (const { name, image } of views.keys()) write(name, 'I', `starting ${image}`)
    const connect = await startConnectIn(views, account, { write, delay: options.connectDelay })
    const web = await startWebIn([...views.keys()])
    if (connect !== undefined) entry.connect = connect
    if (web !== undefined) entry.web = web
    started.set(id(pod.metadata.namespace, pod.metadata.name), entry)
  }

  return {
    name: 'kubelet',
    concerns: (object) => {
      if (is(object, kinds.pod)) return [keyOf(object)]
      if (!is(object, kinds.secret, kinds.configMap)) return []
      return store
        .list(kinds.pod, object.metadata.namespace)
        .filter((pod) => pod['status']?.phase !== 'Running')
        .map(keyOf)
    },
    reconcile: async (key) => {
      const at = id(key.namespace, key.name)
      const pod = store.get(kinds.pod, key.namespace, key.name)
      if (pod?.metadata.uid !== started.get(at)?.uid) await stop(at)
      if (!pod || started.has(at)) return undefined
      const containers: Container[] = pod['spec'].containers ?? []
      const obstacle = obstacleOf(pod)
      if (obstacle !== undefined) {
        setStatus(store, pod, stuckStatus(pod, containers, obstacle), 'kubelet')
        return undefined
      }
      const seen = new Map(containers.map((each) => [each, viewOf(store, pod, each.name)] as const))
      const lacking = [...seen.values()].find((each): each is Missing => 'reason' in each)
      if (lacking) {
        setStatus(store, pod, podStatus(pod, containers, seen), 'kubelet')
        const reason = lacking.reason === 'ContainerCreating' ? 'FailedMount' : 'Failed'
        const message = reason === 'Failed' ? `Error: ${lacking.message}` : lacking.message
        recordEvent(store, pod, { type: 'Warning', reason, message, component: 'kubelet' })
        return undefined
      }
      await start(pod, seen as Map<Container, View>)
      setStatus(store, pod, podStatus(pod, containers, seen), 'kubelet')
      return undefined
    },
    listeningIn(pod) {
      const { connect, web } = started.get(id(pod.metadata.namespace, pod.metadata.name)) ?? {}
      return connect === undefined ? web : { url: connect.server.url, port: connect.port }
    },
    running: () => [...started.values()].flatMap((each) => each.connect?.server ?? []),
    close: async () => {
      await Promise.all([...started.keys()].map(stop))
    },
  }
}

function podStatus(pod: KubernetesObject, containers: Container[], seen: ReadonlyMap<Container, View | Missing>): object {
  const lacking = [...seen.values()].some((each) => 'reason' in each)
  const before = pod['status']?.conditions
  let conditions: Condition[] = withCondition(before, { type: 'PodScheduled', status: 'True' })
  conditions = withCondition(conditions, { type: 'Initialized', status: 'True' })
  for (const type of ['ContainersReady', 'Ready']) {
    const names = containers.map((each) => each.name).join(' ')
    const unready = { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` }
    conditions = withCondition(conditions, { type, status: lacking ? 'False' : 'True', ...(lacking ? unready : {}) })
  }
  const startedAt = condition({ ...pod, status: { conditions } }, 'Ready')?.lastTransitionTime
  return {
    phase: lacking ? 'Pending' : 'Running',
    startTime: pod.metadata.creationTimestamp,
    conditions,
    containerStatuses: containers.map((each) => {
      const view = seen.get(each)
      const waiting = view && 'reason' in view ? view : lacking ? { reason: 'ContainerCreating' } : undefined
      const state = waiting ? { waiting } : { running: { startedAt } }
      return { name: each.name, image: each.image, imageID: '', ready: !waiting, started: !waiting, restartCount: 0, state }
    }),
  }
}

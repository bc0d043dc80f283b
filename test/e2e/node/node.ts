import type { AddressInfo } from 'node:net'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import type { AccountModel } from '../../../src/sandbox/connect/account.ts'
import { type Container, type Missing, type View, viewOf } from '../../../src/sandbox/workloads/containers.ts'
import type { KeyPair } from '../../cluster/certificates.ts'
import type { ControlPlane } from '../../cluster/control-plane.ts'
import type { Api } from '../api.ts'
import { serveKubelet } from './kubelet.ts'
import { type Running, startPod, unknownImages, untilReady } from './pod.ts'
import { statusOf } from './status.ts'

export interface NodeOptions {
  api(): Api
  plane(): ControlPlane
  proxy(namespace: string): string
  /** A file with the certificates that processes trust. */
  trusted: string
  /** For what the API server asks of a kubelet. */
  certificate: KeyPair
  account: AccountModel
  /** How the Connect servers behave: see startConnectIn. */
  connect: { delay?: number; syncing?: number }
}

export interface Node {
  /** The loopback port behind an address of a pod or of the node. */
  listening(address: string, port: number): number | undefined
  join(): Promise<void>
  stop(): Promise<void>
}

interface Entry {
  object: KubernetesObject
  ip: string
  running?: Running
  stopping: AbortController
  work: Promise<void>
}

const name = 'node'
const address = '10.244.0.1'
const kubeletPort = 10_250

/**
 * The stand-in for a kubelet and a container runtime: pods that are scheduled here become processes of this machine. It holds
 * a pod back until its Secrets are there, gives it a token of its service account, writes what it mounts into files, asks its
 * readiness probes, serves its logs and forwards its ports. It knows no limits, no security context, no liveness probe and no init container.
 */
export async function makeNode(options: NodeOptions): Promise<Node> {
  const { api } = options
  const entries = new Map<string, Entry>()
  const stop = new AbortController()
  let last = 1
  const kubelet = await serveKubelet(options.certificate, (namespace, pod) => {
    const has = ({ metadata }: KubernetesObject) => metadata.namespace === namespace && metadata.name === pod
    return [...entries.values()].find(({ object }) => has(object))?.running
  })

  const enqueue = (entry: Entry) => {
    entry.work = entry.work
      .then(() => (stop.signal.aborted ? undefined : reconcile(entry)))
      .catch((error) => {
        if (!stop.signal.aborted) process.stderr.write(`pod ${entry.object.metadata.name}: ${error}\n`)
      })
  }

  const seen = (object: KubernetesObject, type: string) => {
    const uid = object.metadata.uid ?? ''
    const entry = entries.get(uid) ?? { object, ip: `10.244.1.${++last}`, stopping: new AbortController(), work: Promise.resolve() }
    entry.object = object
    if (type === 'DELETED' || object.metadata.deletionTimestamp) entry.stopping.abort()
    if (!entries.has(uid) && type === 'DELETED') return
    const isNew = !entries.has(uid)
    entries.set(uid, entry)
    if (isNew || entry.stopping.signal.aborted) enqueue(entry)
  }

  const reconcile = async (entry: Entry) => {
    const { object: pod, running } = entry
    const { namespace, name: podName, uid = '' } = pod.metadata
    const path = `/api/v1/namespaces/${namespace}/pods/${podName}`
    if (entry.stopping.signal.aborted) {
      if (!entries.delete(uid)) return
      await running?.stop()
      await api()
        .delete(path, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } })
        .catch(() => {})
      return
    }
    const views = await viewsOf(api(), pod)
    if (running) return lacks(views) ? undefined : running.refresh(views as Map<Container, View>)
    const write = (started: boolean, ready: boolean) =>
      api().merge(`${path}/status`, { status: statusOf(pod, { views, ip: entry.ip, started, ready }) })
    const unknown = unknownImages(pod['spec'].containers)
    if (unknown.length > 0) throw new Error(`nobody here can run ${unknown.join(', ')}`)
    if (lacks(views)) return void (await write(false, false))
    entry.running = await startPod(pod, views as Map<Container, View>, options)
    await write(true, false)
    // Not waited for here: what it mounts may be what it waits for.
    void untilReady(entry.running, AbortSignal.any([entry.stopping.signal, stop.signal]))
      .then((ready) => (ready ? write(true, true) : undefined))
      .catch(() => {})
  }

  const again = (object: KubernetesObject) => {
    for (const entry of entries.values()) if (entry.object.metadata.namespace === object.metadata.namespace) enqueue(entry)
  }

  return {
    listening(at, port) {
      if (at === address) return port === kubeletPort ? (kubelet.address() as AddressInfo).port : undefined
      return [...entries.values()].find(({ ip }) => ip === at)?.running?.port(port)
    },
    async join() {
      await api().create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } })
      await api().merge(`/api/v1/nodes/${name}/status`, { status: nodeStatus() })
      // A node that just came is marked as not ready; what takes the mark away in a cluster is not run here.
      await api().merge(`/api/v1/nodes/${name}`, { spec: { taints: null } })
      const pods = `/api/v1/pods`
      void api().follow(pods, (pod, type) => void (pod['spec'].nodeName === name && seen(pod, type)), stop.signal)
      for (const each of ['secrets', 'configmaps']) void api().follow(`/api/v1/${each}`, again, stop.signal)
    },
    async stop() {
      stop.abort()
      await Promise.all([...entries.values()].map(({ work }) => work))
      await Promise.all([...entries.values()].map(({ running }) => running?.stop()))
      kubelet.closeAllConnections()
      kubelet.close()
    },
  }
}

function lacks(views: ReadonlyMap<Container, View | Missing>): boolean {
  return [...views.values()].some((each) => 'reason' in each)
}

async function viewsOf(api: Api, pod: KubernetesObject): Promise<Map<Container, View | Missing>> {
  const lists = ['secrets', 'configmaps'].map((each) => api.list(`/api/v1/namespaces/${pod.metadata.namespace}/${each}`))
  const objects = (await Promise.all(lists)).flat()
  const get = ({ kind }: { kind: string }, _: string | undefined, wanted: string) =>
    objects.find((each) => each.kind === kind && each.metadata.name === wanted)
  const containers: Container[] = pod['spec'].containers
  return new Map(containers.map((each) => [each, viewOf({ get }, pod, each.name)]))
}

function nodeStatus(): object {
  const resources = { cpu: '64', memory: '256Gi', pods: '110', 'ephemeral-storage': '256Gi' }
  return {
    capacity: resources,
    allocatable: resources,
    addresses: [{ type: 'InternalIP', address }],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }],
  }
}

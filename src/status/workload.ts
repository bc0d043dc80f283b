import { all } from '../kubernetes/collect.ts'
import { condition, type KubernetesObject } from '../kubernetes/object.ts'
import { pods } from '../kubernetes/resources.ts'
import { mapAt, mapsOf } from '../manifests/documents.ts'
import { plain } from '../text/plain.ts'
import { quote } from '../text/quote.ts'
import type { StatusWorld } from './world.ts'

/** A Deployment as it runs. */
export interface Workload {
  namespace: string
  name: string
  /** Of the image, without a `v`; undefined where the image is named by its digest. */
  version?: string
  ready: number
  wanted: number
}

export function workloadOf(deployment: KubernetesObject): Workload {
  const { namespace = '', name, labels = {} } = deployment.metadata
  const [container] = containersOf(deployment)
  const tag = /:v?(\d[\w.+-]*)(?:@|$)/.exec(String(container?.['image'] ?? ''))?.[1]
  const version = tag ?? labels['app.kubernetes.io/version']?.replace(/^v/, '')
  return {
    namespace,
    name,
    ...(version !== undefined && { version: plain(version, 40) }),
    ready: deployment['status']?.readyReplicas ?? 0,
    wanted: deployment['spec']?.replicas ?? 1,
  }
}

/** All pods that it wants are ready; one that wants none runs nothing. */
export function runs({ ready, wanted }: Workload): boolean {
  return wanted > 0 && ready >= wanted
}

export function containersOf(deployment: KubernetesObject): Record<string, unknown>[] {
  return mapsOf(mapAt(deployment, 'spec', 'template', 'spec')['containers'])
}

export async function podsOf({ cluster, signal }: StatusWorld, deployment: KubernetesObject): Promise<KubernetesObject[]> {
  const labels = Object.entries<string>(deployment['spec']?.selector?.matchLabels ?? {}).map(([label, value]) => `${label}=${value}`)
  const { namespace = '' } = deployment.metadata
  return labels.length === 0 ? [] : all(cluster.list(pods, { namespace, labelSelector: labels.join(','), signal }))
}

interface ContainerStatus {
  name: string
  restartCount?: number
  state?: { waiting?: { reason?: string; message?: string } }
  lastState?: { terminated?: { reason?: string } }
}

export function statusesOf(pod: KubernetesObject): ContainerStatus[] {
  return pod['status']?.containerStatuses ?? []
}

/** Why pods don't become ready, in one sentence; undefined where they don't say. */
export function whyNotReady(found: readonly KubernetesObject[]): string | undefined {
  for (const pod of found) {
    const scheduled = condition(pod, 'PodScheduled')
    if (scheduled?.status === 'False' && scheduled.message) return `A pod finds no node: ${quote(scheduled.message, 120)}`
    for (const { name, state, lastState } of statusesOf(pod)) {
      const reason = state?.waiting?.reason
      if (reason === undefined || reason === 'ContainerCreating') continue
      const before = lastState?.terminated?.reason === 'OOMKilled' ? 'it ran out of memory' : quote(state?.waiting?.message ?? '', 120)
      return `The container ${plain(name, 63)} waits: ${plain(reason, 60)}${before === '' ? '' : `, ${before}`}.`
    }
  }
  return undefined
}

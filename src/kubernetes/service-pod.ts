import { isIP } from 'node:net'
import { plain } from '../text/plain.ts'
import type { Cluster, PodPort } from './cluster.ts'
import { all } from './collect.ts'
import { isReady, type KubernetesObject } from './object.ts'
import { pods, services } from './resources.ts'

interface ServicePort {
  port: number
  protocol?: string
  targetPort?: number | string
}

interface Container {
  restartPolicy?: string
  ports?: { name?: string; containerPort: number; protocol?: string }[]
}

/**
 * A ready pod behind a URL such as `http://onepassword-connect.external-secrets.svc.cluster.local:8080`, and the port in it that
 * the URL leads to, or why there is none, as words to stand after a colon. A bare name is one of `namespace`, as it is for a pod
 * that asks from there. Needs `get` on services and `list` on pods; throws what those calls throw.
 */
export async function podBehind(
  cluster: Pick<Cluster, 'get' | 'list'>,
  url: string,
  { namespace, signal }: { namespace?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<PodPort | { why: string }> {
  const to = URL.canParse(url) ? new URL(url) : undefined
  if (to?.protocol === 'https:') return { why: `${shown(url)} is an https address, which can't be asked through a port-forward` }
  const at = to?.protocol === 'http:' ? serviceIn(to.hostname, namespace) : undefined
  if (to === undefined || at === undefined) return { why: `${shown(url)} is no Service of this cluster` }

  const named = `the Service ${plain(at.name, 63)} in ${plain(at.namespace, 63)}`
  const service = await cluster.get(services, at.name, at.namespace, signal)
  if (service === undefined) return { why: `${named} doesn't exist` }
  const { selector, clusterIP, ports = [] } = service['spec'] ?? {}
  const labelSelector = Object.entries<string>(selector ?? {}).map(([label, value]) => `${label}=${value}`)
  if (labelSelector.length === 0) return { why: `${named} has no selector, so it can't be told which pods are behind it` }

  const port = Number(to.port || 80)
  // The name of a headless Service leads to the pods themselves: nobody maps the port.
  const exposed: ServicePort | undefined =
    clusterIP === 'None' ? { port } : ports.find((each: ServicePort) => each.port === port && isTcp(each))
  if (exposed === undefined) return { why: `${named} has no port ${port}` }

  const selected = await all(
    cluster.list(pods, { namespace: at.namespace, labelSelector: labelSelector.join(','), ...(signal && { signal }) }),
  )
  const ready = selected.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined)
  if (ready.length === 0) return { why: `${named} has no ready pod behind it` }
  for (const pod of ready) {
    const target = containerPort(pod, exposed)
    if (target !== undefined) return { namespace: at.namespace, name: pod.metadata.name, port: target }
  }
  return { why: `${named} sends port ${port} to a port that its pods don't name` }
}

/** `name`, `name.namespace`, `name.namespace.svc`, or that with the cluster's domain, which need not be cluster.local. */
function serviceIn(host: string, from: string | undefined): { name: string; namespace: string } | undefined {
  const [name = '', namespace = from, svc = 'svc'] = host.replace(/\.$/, '').split('.')
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || name === '' || !namespace || svc !== 'svc') return undefined
  return { name, namespace }
}

/** https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/endpointslice/utils.go (FindPort) */
function containerPort(pod: KubernetesObject, { port, targetPort = port }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const { containers = [], initContainers = [] } = pod['spec'] ?? {}
  const running: Container[] = [...containers, ...initContainers.filter((each: Container) => each.restartPolicy === 'Always')]
  return running.flatMap((each) => each.ports ?? []).find((each) => each.name === targetPort && isTcp(each))?.containerPort
}

function isTcp({ protocol = 'TCP' }: { protocol?: string }): boolean {
  return protocol === 'TCP'
}

/** An address without what may stand in it besides: a name with its password. */
function shown(url: string): string {
  return URL.canParse(url) && new URL(url).host !== '' ? plain(`${new URL(url).protocol}//${new URL(url).host}`, 200) : 'the connectHost'
}

import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { kinds } from '../kinds.ts'
import type { Store } from '../store.ts'
import type { Kubelet } from './kubelet.ts'

/** Where a name of the cluster leads: an address on loopback, or what Go's dialler says instead. */
export type Route = { url: string } | { error: string }

interface Port {
  name?: string
  port: number
  targetPort?: number | string
}

/**
 * Finds what listens behind a URL as a pod in `from` would reach it: the Service must exist, list the port, and select
 * a ready pod in which something listens on the target port.
 */
export function routeTo(store: Store, kubelet: Kubelet, connectHost: string, from: string): Route {
  const url = URL.canParse(connectHost) ? new URL(connectHost) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return { error: `unsupported protocol scheme "${url?.protocol.replace(':', '') ?? ''}"` }
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const [name = '', namespace = from, svc = 'svc', ...domain] = url.hostname.split('.')
  const inCluster = svc === 'svc' && ['', 'cluster.local'].includes(domain.join('.'))
  const service = inCluster ? store.get(kinds.service, namespace, name) : undefined
  if (!service) return { error: `dial tcp: lookup ${url.hostname} on 10.96.0.10:53: no such host` }
  const address = `${service['spec'].clusterIP ?? '10.96.0.80'}:${port}`
  const exposed = (service['spec'].ports as Port[] | undefined)?.find((each) => each.port === port)
  if (!exposed) return { error: `dial tcp ${address}: i/o timeout` }
  for (const pod of selected(store, service).filter(isReady)) {
    const listening = kubelet.listeningIn(pod)
    if (listening && listening.port === containerPort(pod, exposed)) {
      return url.protocol === 'https:' ? { error: 'http: server gave HTTP response to HTTPS client' } : { url: listening.url }
    }
  }
  return { error: `dial tcp ${address}: connect: connection refused` }
}

/** True when a pod that is ready stands behind the Service. */
export function hasEndpoints(store: Store, namespace: string, name: string): boolean {
  const service = store.get(kinds.service, namespace, name)
  return service !== undefined && selected(store, service).some(isReady)
}

/** The port on loopback behind a port of a pod; undefined where nothing listens. */
export function portIn(kubelet: Kubelet, pod: KubernetesObject, port: number): number | undefined {
  const listening = kubelet.listeningIn(pod)
  return listening?.port === port ? Number(new URL(listening.url).port) : undefined
}

/** The pods that a Service selects, ready or not. */
export function selected(store: Store, service: KubernetesObject): KubernetesObject[] {
  const selector = Object.entries<string>(service['spec'].selector ?? {})
  if (selector.length === 0) return []
  return store
    .list(kinds.pod, service.metadata.namespace)
    .filter((pod) => selector.every(([label, value]) => pod.metadata.labels?.[label] === value))
}

function containerPort(pod: KubernetesObject, { port, targetPort = port }: Port): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const ports: { name?: string; containerPort: number }[] = (pod['spec'].containers ?? []).flatMap(
    (each: { ports?: [] }) => each.ports ?? [],
  )
  return ports.find((each) => each.name === targetPort)?.containerPort
}

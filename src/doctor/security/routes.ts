import type { KubernetesObject } from '../../kubernetes/object.ts'

/** What brings requests in from outside of a cluster. */
export const routeKinds = [
  { group: 'networking.k8s.io', kind: 'Ingress' },
  { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' },
  { group: 'gateway.networking.k8s.io', kind: 'TLSRoute' },
  { group: 'gateway.networking.k8s.io', kind: 'TCPRoute' },
  { group: 'traefik.io', kind: 'IngressRoute' },
  { group: 'traefik.io', kind: 'IngressRouteTCP' },
  { group: 'traefik.containo.us', kind: 'IngressRoute' },
] as const

interface Reference {
  kind?: string
  name?: string
  namespace?: string
}

/** True where it sends requests to this Service. */
export function leadsTo(route: KubernetesObject, service: { name: string; namespace?: string }): boolean {
  const home = route.metadata.namespace
  return targets(route).some(
    ({ kind = 'Service', name, namespace = home }) => kind === 'Service' && name === service.name && namespace === service.namespace,
  )
}

function targets({ kind, spec = {} }: KubernetesObject): Reference[] {
  if (kind === 'Ingress') {
    const paths = (spec.rules ?? []).flatMap((rule: { http?: { paths?: object[] } }) => rule.http?.paths ?? [])
    return [spec.defaultBackend, ...paths.map((path: { backend?: object }) => path.backend)].flatMap((each) => each?.service ?? [])
  }
  if (kind.startsWith('IngressRoute')) return (spec.routes ?? []).flatMap((each: { services?: Reference[] }) => each.services ?? [])
  // A route whose parents are Services is of a mesh: https://gateway-api.sigs.k8s.io/mesh/
  const isOutside = (spec.parentRefs ?? []).some((each: Reference) => (each.kind ?? 'Gateway') !== 'Service')
  return isOutside ? (spec.rules ?? []).flatMap((each: { backendRefs?: Reference[] }) => each.backendRefs ?? []) : []
}

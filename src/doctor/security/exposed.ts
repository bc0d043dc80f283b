import { Failure } from '../../failure.ts'
import { all } from '../../kubernetes/collect.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { services } from '../../kubernetes/resources.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { connectHere, podLabels } from './connect-here.ts'
import { leadsTo, routeKinds } from './routes.ts'

export const connectExposed: ClusterCheck = {
  id: 'connect-exposed',
  category: 'security',
  title: 'Connect can be reached from inside the cluster only',
  severity: 'warning',
  needs: ['api-server'],
  page: {
    symptom: 'None: all works, and Connect answers outside of the cluster too.',
    cause: 'Its Service is of type LoadBalancer or NodePort or has external IPs, or an Ingress or a route leads to it.',
    fix: 'Make the Service ClusterIP and delete the Ingress or the route, unless programs outside of the cluster need Connect.',
    sources: [
      'https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types',
      'https://kubernetes.io/docs/concepts/services-networking/ingress/',
      'https://gateway-api.sigs.k8s.io/api-types/httproute/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const { cluster, signal } = world
    const connects = await connectHere(world)
    const namespaces = [...new Set(connects.map(({ metadata }) => metadata.namespace ?? ''))]
    const listed = (await Promise.all(namespaces.map((namespace) => all(cluster.list(services, { namespace, signal }))))).flat()
    const ours = listed.filter((service) => connects.some((each) => isBehind(each, service)))
    if (ours.length === 0) return []
    const routes = await Promise.all(routeKinds.map((kind) => routesOf(world, kind, ours)))
    return [...ours.flatMap(published), ...routes.flat()]
  },
}

function isBehind(deployment: KubernetesObject, { metadata, spec }: KubernetesObject): boolean {
  const selector = Object.entries<string>(spec?.selector ?? {})
  const labels = podLabels(deployment)
  const isSame = metadata.namespace === deployment.metadata.namespace
  return isSame && selector.length > 0 && selector.every(([key, value]) => labels[key] === value)
}

function published({ metadata: { namespace = '', name, annotations = {} }, spec }: KubernetesObject): Finding[] {
  const about = `Service ${namespace}/${name}`
  const fix = [
    `kubectl get service ${name} -n ${namespace} -o yaml`,
    'Make it of type ClusterIP in the file that declares it, without externalIPs.',
  ]
  if (spec?.type === 'LoadBalancer') {
    // https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
    const isInternal = Object.entries(annotations).some(
      ([key, value]) => /internal|load-balancer-(type|scheme)/i.test(key) && /^(true|internal|0\.0\.0\.0\/0)$/i.test(value),
    )
    const how = isInternal
      ? 'the load balancer is an internal one, but what is on that network can reach Connect'
      : 'Connect can be reached at its address'
    return [{ about, why: `It is of type LoadBalancer, which leads in from outside of the cluster: ${how}.`, fix }]
  }
  if (spec?.type === 'NodePort') return [{ about, why: 'It is of type NodePort: who can reach a node can reach Connect.', fix }]
  if ((spec?.externalIPs ?? []).length > 0)
    return [{ about, why: 'It has externalIPs: what nodes get for these addresses goes to Connect.', fix }]
  return []
}

async function routesOf(
  { cluster, signal }: DoctorWorld,
  { group, kind }: (typeof routeKinds)[number],
  ours: readonly KubernetesObject[],
): Promise<(Finding | NotSeen)[]> {
  try {
    const resource = await cluster.resource(group, kind)
    if (resource === undefined) return []
    const found: Finding[] = []
    for await (const route of cluster.list(resource, { signal })) {
      const service = ours.find(({ metadata }) => leadsTo(route, metadata))
      if (service === undefined) continue
      const { namespace = '', name } = route.metadata
      const why = `It leads to the Service ${service.metadata.namespace}/${service.metadata.name}, so that Connect can be reached through it.`
      const fix = [`kubectl get ${resource.plural}.${group} ${name} -n ${namespace} -o yaml`, 'Take it out of the file that declares it.']
      found.push({ about: `${kind} ${namespace}/${name}`, why, fix })
    }
    return found
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ notSeen: `${kind} (${group})`, why: error.message }]
  }
}

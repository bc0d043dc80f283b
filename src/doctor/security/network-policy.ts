import type { Cluster } from '../../kubernetes/cluster.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { connectHere, podLabels } from './connect-here.ts'

/** Policies of network plug-ins; their selectors are languages of their own. */
const foreign = [
  ['cilium.io', 'CiliumNetworkPolicy'],
  ['cilium.io', 'CiliumClusterwideNetworkPolicy'],
  ['crd.projectcalico.org', 'NetworkPolicy'],
  ['crd.projectcalico.org', 'GlobalNetworkPolicy'],
  ['projectcalico.org', 'NetworkPolicy'],
  ['projectcalico.org', 'GlobalNetworkPolicy'],
  ['crd.antrea.io', 'NetworkPolicy'],
  ['crd.antrea.io', 'ClusterNetworkPolicy'],
  ['policy.networking.k8s.io', 'AdminNetworkPolicy'],
  ['policy.networking.k8s.io', 'BaselineAdminNetworkPolicy'],
  ['policy.networking.k8s.io', 'ClusterNetworkPolicy'],
] as const

export const networkPolicy: ClusterCheck = {
  id: 'network-policy',
  category: 'security',
  title: 'a NetworkPolicy says who may reach Connect',
  severity: 'advice',
  needs: ['api-server'],
  page: {
    symptom: 'None: all works.',
    cause:
      'Without a NetworkPolicy every pod of the cluster can reach Connect. It still needs a token, but whoever has got hold of one can use it from anywhere.',
    fix: 'Write a NetworkPolicy that selects the pods of Connect and lets in only the namespace of the operator. The network plug-in must enforce it.',
    sources: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  },
  looksAt: 'cluster',
  async look(world) {
    return (await Promise.all((await connectHere(world)).map((each) => unguarded(world, each)))).flat()
  },
}

async function unguarded({ cluster, signal }: DoctorWorld, deployment: KubernetesObject): Promise<(Finding | NotSeen)[]> {
  const { namespace = '', name } = deployment.metadata
  const about = `Deployment ${namespace}/${name}`
  const labels = podLabels(deployment)
  const isGuard = ({ spec }: KubernetesObject) => guardsIngress(spec) && selects(spec?.podSelector ?? {}, labels)
  if (await some(cluster, ['networking.k8s.io', 'NetworkPolicy'], { namespace, signal }, isGuard)) return []
  for (const kind of foreign) {
    if (!(await some(cluster, kind, { namespace, signal }, () => true))) continue
    return [{ notSeen: about, why: `A ${kind[1]} (${kind[0]}) is there; whether it selects these pods is not looked at.` }]
  }
  const fix = [
    `kubectl get networkpolicies -n ${namespace}`,
    'Write one that selects these pods and lets in the namespace of the operator.',
  ]
  return [{ about, why: 'No NetworkPolicy selects its pods: every pod of the cluster can reach it.', fix }]
}

/** Whether one of these is there; of a kind without namespaces, anywhere. */
async function some(
  cluster: Cluster,
  [group, kind]: readonly [string, string],
  { namespace, signal }: { namespace: string; signal: AbortSignal },
  is: (object: KubernetesObject) => boolean,
): Promise<boolean> {
  const resource = await cluster.resource(group, kind)
  if (resource === undefined) return false
  for await (const each of cluster.list(resource, { signal, ...(resource.namespaced && { namespace }) })) if (is(each)) return true
  return false
}

/** Without policyTypes it is about what comes in. */
function guardsIngress({ policyTypes = ['Ingress'] }: { policyTypes?: string[] } = {}): boolean {
  return policyTypes.includes('Ingress')
}

interface Selector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Record<string, string>): boolean {
  const isMet = ({ key, operator, values = [] }: NonNullable<Selector['matchExpressions']>[number]) => {
    const value = labels[key]
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    const isOne = value !== undefined && values.includes(value)
    return operator === 'In' ? isOne : !isOne
  }
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(isMet)
}

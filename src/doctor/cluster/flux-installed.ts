import { Failure } from '../../failure.ts'
import { all } from '../../kubernetes/collect.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { deployments } from '../../kubernetes/resources.ts'
import { podsOf, runs, whyNotReady, workloadOf } from '../../status/workload.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import type { DoctorWorld } from '../world.ts'

/** The operator may have come by other ways (Helm, Argo CD): then the absence of Flux breaks nothing. */
export const fluxInstalled: ClusterCheck = {
  id: 'flux-installed',
  category: 'flux',
  title: 'Flux is installed, and its controllers run',
  severity: 'error',
  needs: ['api-server'],
  page: {
    symptom: 'What is pushed never reaches the cluster; kubectl knows no Kustomization of kustomize.toolkit.fluxcd.io.',
    cause: 'Flux was never bootstrapped on this cluster, or one of its controllers is scaled to zero, crashes or finds no node.',
    fix: 'flux bootstrap, with the repository and path of this cluster; or see why the controller is down: kubectl get pods -n flux-system.',
    sources: ['https://fluxcd.io/flux/installation/bootstrap/', 'https://fluxcd.io/flux/components/'],
  },
  looksAt: 'cluster',
  async look(world) {
    const { installed } = await world.live.flux()
    return installed ? controllersOf(world) : absent(world)
  },
}

async function absent({ cluster }: DoctorWorld): Promise<Finding[]> {
  const fix = ['flux bootstrap …   (https://fluxcd.io/flux/installation/bootstrap/)']
  const served = await cluster.served('external-secrets.io', 'ClusterSecretStore')
  if (served.length === 0) return [{ about: 'Flux', why: 'Neither Flux nor External Secrets Operator is installed here.', fix }]
  const why =
    'It is not installed, and something else has brought External Secrets Operator here. What eso-bootstrap changes in git reaches the cluster only by that.'
  return [
    { about: 'Flux', why, fix: ['Nothing, where Argo CD or Helm applies what is in git; else: flux bootstrap …'], severity: 'advice' },
  ]
}

/** Those between a commit and the operator: https://fluxcd.io/flux/components/ */
const needed = /\/(source|kustomize|helm)-controller[:@]/

/** Flux labels all that it installs; what carries no such label isn't judged. */
async function controllersOf(world: DoctorWorld): Promise<(Finding | NotSeen)[]> {
  try {
    const found = await all(world.cluster.list(deployments, { labelSelector: 'app.kubernetes.io/part-of=flux', signal: world.signal }))
    return (await Promise.all(found.filter((each) => needed.test(imageOf(each))).map((each) => downIn(world, each)))).flat()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ notSeen: "Flux's controllers", why: error.message }]
  }
}

function imageOf(deployment: KubernetesObject): string {
  return String(deployment['spec']?.template?.spec?.containers?.[0]?.image ?? '')
}

async function downIn({ live }: DoctorWorld, deployment: KubernetesObject): Promise<Finding[]> {
  const workload = workloadOf(deployment)
  if (runs(workload)) return []
  const { namespace, name, wanted, ready } = workload
  const about = `Deployment ${namespace}/${name}`
  if (wanted === 0) {
    return [{ about, why: 'It is scaled to zero.', fix: [`kubectl scale deployment ${name} -n ${namespace} --replicas=1`] }]
  }
  const why = whyNotReady(await podsOf(live, deployment).catch(() => [])) ?? 'Its pods are not ready, and do not say why.'
  return [{ about, why, fix: [`kubectl describe pods -n ${namespace} -l app=${name}`], ...(ready > 0 && { severity: 'warning' }) }]
}

import type { KubernetesObject } from '../kubernetes/object.ts'
import type { Found, Problem } from './found.ts'
import { containersOf, podsOf, runs, type Workload, whyNotReady, workloadOf } from './workload.ts'
import { nameOf, type StatusWorld } from './world.ts'

export interface OperatorFacts {
  /** The controller first, then webhook and cert controller as far as they are there. */
  workloads: Workload[]
  /** Versions of external-secrets.io at which stores are served, the preferred one first. */
  served: string[]
}

/** A Deployment of the chart external-secrets, or one that runs its image. */
export function isOperatorPart(deployment: KubernetesObject): boolean {
  const label = deployment.metadata.labels?.['app.kubernetes.io/name'] ?? ''
  if (/^external-secrets(-webhook|-cert-controller)?$/.test(label)) return true
  return containersOf(deployment).some(({ image }) => /\/external-secrets\/external-secrets[:@]/.test(String(image ?? '')))
}

/** The operator's Deployments, and the API that its CRDs bring. */
export async function lookAtOperator(world: StatusWorld): Promise<Found<OperatorFacts>> {
  const [found, served] = await Promise.all([world.deployments(), world.cluster.served('external-secrets.io', 'ClusterSecretStore')])
  const parts = found.filter(isOperatorPart).toSorted((a, b) => a.metadata.name.length - b.metadata.name.length)
  const problems = (await Promise.all(parts.map((part) => problemOf(world, part)))).flat()
  return { facts: { workloads: parts.map(workloadOf), served }, problems }
}

async function problemOf(world: StatusWorld, deployment: KubernetesObject): Promise<Problem[]> {
  const workload = workloadOf(deployment)
  if (runs(workload)) return []
  const { namespace, name, wanted } = workload
  const why =
    wanted === 0
      ? 'It is scaled to zero.'
      : (whyNotReady(await podsOf(world, deployment).catch(() => [])) ?? 'Its pods are not ready, and do not say why.')
  const fix = wanted === 0 ? `kubectl scale deployment ${name} -n ${namespace} --replicas=1` : `kubectl describe pods -n ${namespace}`
  return [{ id: 'operator-not-running', severity: 'broken', about: [nameOf({ ...deployment, kind: 'Deployment' })], why, fix: [fix] }]
}

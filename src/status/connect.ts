import { Failure } from '../failure.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { runsConnect } from '../manifests/consumer.ts'
import { isExternalHost } from '../manifests/secret-stores.ts'
import { type Found, type Problem, type Unseen, unseen } from './found.ts'
import { podsOf, runs, statusesOf, type Workload, whyNotReady, workloadOf } from './workload.ts'
import { knownStores, nameOf, type StatusWorld } from './world.ts'

export interface ConnectFacts {
  /** Deployments that run Connect here. */
  workloads: (Workload & { restarts?: number })[]
  /** Hosts outside of the cluster that stores name as their Connect. */
  elsewhere: string[]
}

export async function lookAtConnect(world: StatusWorld): Promise<Found<ConnectFacts>> {
  const [found, stores] = await Promise.all([world.deployments(), knownStores(world).catch(none)])
  const looks = await Promise.all(found.filter((each) => runsConnect(each)).map((each) => lookAt(world, each)))
  const hosts = stores.filter(({ connectHost }) => isExternalHost(connectHost)).map(({ connectHost }) => hostIn(connectHost))
  return {
    facts: { workloads: looks.map(({ workload }) => workload), elsewhere: [...new Set(hosts)] },
    problems: looks.flatMap(({ problems }) => problems),
    unseen: looks.flatMap((each) => each.unseen),
  }
}

async function lookAt(world: StatusWorld, deployment: KubernetesObject) {
  const workload = workloadOf(deployment)
  const missing: Unseen[] = []
  const pods = await podsOf(world, deployment).catch((error: unknown) => {
    missing.push(unseen('connect', error))
    return undefined
  })
  const restarts = pods?.flatMap(statusesOf).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)
  return {
    workload: { ...workload, ...(restarts !== undefined && { restarts }) },
    problems: runs(workload) ? [] : [problemOf(deployment, workload, pods ?? [])],
    unseen: missing,
  }
}

function problemOf(deployment: KubernetesObject, { namespace, name, wanted }: Workload, pods: readonly KubernetesObject[]): Problem {
  const about = [nameOf({ ...deployment, kind: 'Deployment' })]
  if (wanted === 0) {
    const fix = [`kubectl scale deployment ${name} -n ${namespace} --replicas=1`]
    return { id: 'connect-not-running', severity: 'broken', about, why: 'It is scaled to zero.', fix }
  }
  const why = whyNotReady(pods) ?? 'Its pods are not ready, and do not say why.'
  const lacksSecret = /CreateContainerConfigError/.test(why)
  const fix = lacksSecret ? 'eso-bootstrap init --credentials <file>' : `kubectl describe pods -n ${namespace}`
  return { id: 'connect-not-running', severity: 'broken', about, why, fix: [fix] }
}

function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'another host'
}

function none(error: unknown): [] {
  if (error instanceof Failure) return []
  throw error
}

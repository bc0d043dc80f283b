import { isReady } from '../../kubernetes/object.ts'
import { lookAtOperator } from '../../status/operator.ts'
import { knownStores } from '../../status/world.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'
import { findingOfProblem } from './flux-here.ts'
import { heldUp } from './held-up.ts'

/** The operator's Deployments as `status` finds them. */
export const operatorTold = shared(({ live }: DoctorWorld) => lookAtOperator(live))

/** Its webhook is looked at by webhook-answers. */
export const operatorRuns: ClusterCheck = {
  id: 'operator-runs',
  category: 'operator',
  title: 'External Secrets Operator is installed and runs',
  severity: 'error',
  needs: ['flux-installed', 'operator-apart'],
  page: {
    symptom: 'No store and no ExternalSecret changes any more; their status is old. New ones have no status at all.',
    cause: 'The operator is not installed, is scaled to zero, crashes, finds no node, or its image cannot be pulled.',
    fix: 'kubectl describe pods in its namespace says why; where it is missing altogether, eso-bootstrap init brings it.',
    sources: [
      'https://external-secrets.io/latest/introduction/getting-started/',
      'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const { problems = [], facts } = await operatorTold(world)
    if (facts?.workloads.length === 0) return missing(world, facts.served.length > 0)
    const parts = problems.filter(({ id, about }) => id === 'operator-not-running' && !about[0]?.endsWith('-webhook'))
    const working = facts?.workloads.filter(({ ready }) => ready > 0).map(({ namespace, name }) => `Deployment ${namespace}/${name}`)
    return parts.map((problem) => {
      const [about = ''] = problem.about
      // One replica of several does the work; and the cert controller renews a certificate that holds for long.
      const isMinor = working?.includes(about) || about.endsWith('-cert-controller')
      return { ...findingOfProblem(problem), ...(isMinor && { severity: 'warning' as const }) }
    })
  },
}

/** It may run in a way that isn't known here: stores that are Ready prove that it does. */
async function missing(world: DoctorWorld, isServed: boolean): Promise<(Finding | NotSeen)[]> {
  const about = 'External Secrets Operator'
  const held = await heldUp(world)
  if (held !== undefined) return [{ notSeen: about, why: held }]
  if (isServed && (await knownStores(world.live)).some(({ object }) => isReady(object))) return []
  const why = isServed ? 'Its API is served, but no Deployment runs it.' : 'It is not installed here.'
  return [{ about, why, fix: ['eso-bootstrap init'] }]
}

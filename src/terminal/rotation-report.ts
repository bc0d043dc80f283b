import type { Outcome } from '../engine/apply.ts'
import { mutations } from '../engine/plan.ts'
import { exitCodes } from '../failure.ts'
import type { RotationInputs } from '../rotation-inputs.ts'
import type { Leg } from '../steps/rotation/leg.ts'
import type { Old, Revoked } from '../steps/rotation/revoke.ts'
import { isUnproven } from '../steps/rotation/rotating.ts'
import type { RotationWorld } from '../steps/rotation/world.ts'
import { plain } from '../text/plain.ts'
import { type ErrorRecord, exitCodeOf, recordOf } from './errors.ts'
import { type EndedStep, errorsOf, isInterruption, isPartly, stepsOf } from './report.ts'

/** How the rotation of one cluster ended. `restored`: it failed, and the old one is back and in use. `not-reached`: another one failed, or stands in the way. */
export type ClusterVerdict = 'rotated' | 'unchanged' | 'planned' | 'blocked' | 'restored' | 'failed' | 'not-reached'

export interface ClusterReport {
  cluster: { context: string; server: string } | undefined
  verdict: ClusterVerdict
  exitCode: number
  secret?: { namespace: string; name: string; key: string }
  steps: EndedStep[]
  errors: ErrorRecord[]
}

/** The result of a rotation, as `-o json` prints it; docs/schema/rotation.v1.json describes it. Holds no secret. */
export interface RotationReport {
  schemaVersion: 1
  command: RotationInputs['command']
  verdict: 'rotated' | 'unchanged' | 'planned' | 'failed'
  exitCode: number
  clusters: Omit<ClusterReport, 'exitCode'>[]
  /** What was replaced, and whether it was deleted in 1Password. */
  replaced: { id?: string; server: string; expires?: string; deleted: boolean }[]
  /** Of the run as a whole; those of a cluster stand with it. */
  errors: ErrorRecord[]
  next: string[]
}

export interface Ended {
  replaced?: readonly Old[]
  revoked?: Revoked
}

/** What became of each cluster. */
export function clusterReports(legs: readonly Leg[]): Promise<ClusterReport[]> {
  const isStopped = legs.some(({ errors, outcome }) => errors.length > 0 || outcome?.failed !== undefined)
  return Promise.all(legs.map((leg) => clusterReport(leg, isStopped)))
}

async function clusterReport({ world, plan, errors, outcome }: Leg, isStopped: boolean): Promise<ClusterReport> {
  const all = errorsOf(outcome, errors)
  const cluster = await world.cluster().catch(() => undefined)
  const bridge = await world.bridge().catch(() => undefined)
  const steps = stepsOf(plan, outcome)
  const isPart = outcome?.failed !== undefined && (isPartly(outcome) || (await holdsNew(world, steps)))
  return {
    cluster: cluster && { context: plain(cluster.context), server: plain(cluster.server) },
    verdict:
      all.length === 0 && outcome === undefined && isStopped
        ? 'not-reached'
        : verdictOf(all, outcome, { isPart, changes: mutations(plan).length }),
    exitCode: exitCode(all, isPart),
    ...(bridge && { secret: bridge.secret }),
    steps,
    errors: all.map(recordOf),
  }
}

/** What is there after a failure is new, or may be: it was not taken back, or an earlier run wrote it that was ended too soon. */
async function holdsNew(world: RotationWorld, steps: readonly EndedStep[]): Promise<boolean> {
  if (world.placed.size > 0) return true
  return steps.some(({ id, state }) => id === 'token' && state === 'already') && (await isUnproven(world).catch(() => false))
}

function verdictOf(
  errors: readonly unknown[],
  outcome: Outcome | undefined,
  { isPart, changes }: { isPart: boolean; changes: number },
): ClusterVerdict {
  if (errors.length > 0) return outcome === undefined ? 'blocked' : isPart ? 'failed' : 'restored'
  if (outcome === undefined) return changes === 0 ? 'unchanged' : 'planned'
  return outcome.done.includes('settled') ? 'rotated' : 'unchanged'
}

/** A failure after which the old one is back has changed nothing in the end: it is no longer "partly done". */
function exitCode([first]: readonly unknown[], isPart: boolean): number {
  if (first === undefined) return exitCodes.done
  const own = exitCodeOf(first)
  if (isInterruption(own)) return own
  if (isPart) return exitCodes.partly
  return own === exitCodes.partly ? exitCodes.blocked : own
}

/** The clusters together: the first that failed decides, and "partly" if others before it have the new one already. */
export function overall(clusters: readonly ClusterReport[], revoked: Revoked | undefined): Pick<RotationReport, 'verdict' | 'exitCode'> {
  const failed = clusters.find((each) => each.exitCode !== exitCodes.done)
  if (failed !== undefined) {
    const isSplit = clusters.some(({ verdict }) => verdict === 'rotated') && !isInterruption(failed.exitCode)
    return { verdict: 'failed', exitCode: isSplit ? exitCodes.partly : failed.exitCode }
  }
  if (revoked?.outcome.failed !== undefined) {
    const own = exitCodeOf(revoked.outcome.failed.error)
    return { verdict: 'failed', exitCode: isInterruption(own) ? own : exitCodes.partly }
  }
  const verdict = (['planned', 'rotated'] as const).find((each) => clusters.some((cluster) => cluster.verdict === each))
  return { verdict: verdict ?? 'unchanged', exitCode: exitCodes.done }
}

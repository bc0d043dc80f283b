import type { Outcome } from '../engine/apply.ts'
import { mutations, type Plan, type PlannedStep } from '../engine/plan.ts'
import { exitCodes } from '../failure.ts'
import { type ErrorRecord, exitCodeOf, recordOf } from './errors.ts'

/** How a run ended. `configured` means that no value was seen to come through. */
type Verdict = 'verified' | 'configured' | 'unchanged' | 'prepared' | 'planned' | 'failed'

/** The result of `init`, as `-o json` prints it; docs/schema/init.v1.json describes it. Holds no secret. */
export interface Report {
  schemaVersion: 1
  command: 'init'
  verdict: Verdict
  exitCode: number
  cluster?: { context: string; server: string }
  repository?: { root: string; branch?: string }
  steps: EndedStep[]
  errors: ErrorRecord[]
  next: string[]
}

/** A step of the plan, with what became of it. */
export type EndedStep = Omit<PlannedStep, 'state'> & {
  state: PlannedStep['state'] | 'made' | 'failed' | 'undone' | 'not-undone' | 'not-reached'
}

export interface Finished {
  plan: Plan
  /** Missing for a dry run, and when a check stopped it. */
  outcome?: Outcome
  errors: readonly unknown[]
  detailedExitcode: boolean
}

/** What became of each step, the verdict and the exit code. */
export function reportOf({ plan, outcome, errors, detailedExitcode }: Finished): Omit<Report, 'next'> {
  const all = errorsOf(outcome, errors)
  const verdict = all.length > 0 ? 'failed' : verdictOf(plan, outcome)
  return {
    schemaVersion: 1,
    command: 'init',
    verdict,
    exitCode: exitCode(plan, outcome, all, detailedExitcode && outcome === undefined),
    steps: stepsOf(plan, outcome),
    errors: all.map(recordOf),
  }
}

/** All that went wrong: what stopped it before it began, or what a step ended in and what could not be taken back. */
export function errorsOf(outcome: Outcome | undefined, errors: readonly unknown[]): unknown[] {
  const failed = outcome?.failed
  return failed === undefined ? [...errors] : [failed.error, ...failed.notUndone.map(({ error }) => error)]
}

export function stepsOf(plan: Plan, outcome: Outcome | undefined): EndedStep[] {
  return plan.steps.map((step) => ({
    ...step,
    says: outcome?.says[step.id] ?? step.says,
    notes: [...step.notes, ...(outcome?.notes[step.id] ?? [])],
    state: stateOf(step, outcome),
  }))
}

function verdictOf(plan: Plan, outcome: Outcome | undefined): Verdict {
  if (outcome === undefined) return 'planned'
  if (outcome.done.includes('proof')) return 'verified'
  if (mutations(plan).length === 0 && outcome.done.length === 0) return 'unchanged'
  const unseen = plan.steps.some(({ id, state }) => state === 'skipped' && (id === 'reconcile' || id === 'cluster'))
  return unseen || !plan.steps.some(({ id }) => id === 'ready') ? 'prepared' : 'configured'
}

/** Partly done is what others can see already, or what could not be taken back; an interruption keeps its own code. */
function exitCode(plan: Plan, outcome: Outcome | undefined, errors: readonly unknown[], detailed: boolean): number {
  const [first] = errors
  if (first !== undefined) {
    const own = exitCodeOf(first)
    return isPartly(outcome) && !isInterruption(own) ? exitCodes.partly : own
  }
  return detailed && mutations(plan).length > 0 ? exitCodes.pending : exitCodes.done
}

/** Something stands that others can see already, or that could not be taken back. */
export function isPartly(outcome: Outcome | undefined): boolean {
  const failed = outcome?.failed
  return failed !== undefined && (failed.notUndone.length > 0 || failed.visible)
}

export function isInterruption(code: number): boolean {
  return code === exitCodes.interrupted || code === exitCodes.terminated
}

function stateOf({ id, state }: PlannedStep, outcome: Outcome | undefined): EndedStep['state'] {
  if (outcome === undefined || state !== 'pending') return state
  const { done, failed } = outcome
  if (failed?.step === id) return 'failed'
  if (failed?.undone.includes(id)) return 'undone'
  if (failed?.notUndone.some(({ step }) => step === id)) return 'not-undone'
  if (done.includes(id)) return 'made'
  return failed === undefined ? 'skipped' : 'not-reached'
}

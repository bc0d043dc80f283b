import type { Looked } from './look.ts'
import type { Change } from './step.ts'

/** What would be done: plain data, printable as text and as JSON, and without any secret. */
export interface Plan {
  steps: PlannedStep[]
}

export interface PlannedStep {
  id: string
  title: string
  state: 'already' | 'pending' | 'skipped' | 'blocked'
  says: string
  notes: string[]
  changes: Change[]
}

export function planOf<World>(looked: readonly Looked<World>[]): Plan {
  return { steps: looked.map(planned) }
}

function planned<World>({ step, look }: Looked<World>): PlannedStep {
  const { id, title } = step
  if (look === undefined) return { id, title, state: 'blocked', says: title, notes: [], changes: [] }
  const notes = (look.is === 'skipped' ? undefined : look.notes) ?? []
  return { id, title, state: look.is, says: look.says, notes, changes: look.is === 'pending' ? look.changes : [] }
}

/** The changes that need consent: everything but running and waiting. */
export function mutations(plan: Plan): Change[] {
  return plan.steps.flatMap(({ changes }) => changes).filter(({ action }) => action !== 'act')
}

/** What the user must be allowed to do for this plan, as the steps put it; nothing where nothing changes. */
export function needsOf<World>(looked: readonly Looked<World>[]): unknown[] {
  const pending = looked.flatMap(({ look }) => (look?.is === 'pending' ? [look] : []))
  return pending.some(({ changes }) => changes.length > 0) ? pending.flatMap(({ needs = [] }) => needs) : []
}

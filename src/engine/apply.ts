import type { Looked } from './look.ts'
import type { Made } from './step.ts'

export type Progress =
  | { step: string; title: string; is: 'started' }
  | { step: string; title: string; is: 'says' | 'notes'; text: string }
  | { step: string; title: string; is: 'made'; says: string; notes: string[] }
  | { step: string; title: string; is: 'failed' }
  | { step: string; title: string; is: 'undone' | 'not-undone' }

export interface Outcome {
  /** Ids of the steps that were made so and still stand. */
  done: string[]
  /** What each step that was made so had to say, and what is worth knowing about it. */
  says: Record<string, string>
  notes: Record<string, string[]>
  failed?: {
    step: string
    error: unknown
    /** Steps that were taken back, and steps whose undo failed, with the error. */
    undone: string[]
    notUndone: { step: string; error: unknown }[]
    /** Something before it was already visible to others, so that what stands in `done` was left. */
    visible: boolean
  }
}

interface Standing {
  step: string
  title: string
  made: Made
}

/**
 * Makes the pending steps so, in order. If one fails, or the signal is aborted, everything since the last visible
 * step is taken back in reverse order; what stands after that is in the outcome. Never throws.
 */
export async function apply<World>(looked: readonly Looked<World>[], signal: AbortSignal, on: (event: Progress) => void): Promise<Outcome> {
  const pending = looked.flatMap(({ step, look }) => (look?.is === 'pending' ? [{ step, look }] : []))
  const worthIt = pending.some(({ look }) => look.changes.length > 0)
  const wanted = pending.filter(({ look }) => look.changes.length > 0 || worthIt)
  const standing: Standing[] = []
  let visible = false
  let going = signal
  try {
    for (const { step, look } of wanted) {
      on({ step: step.id, title: step.title, is: 'started' })
      try {
        const tell = (is: 'says' | 'notes') => (text: string) => on({ step: step.id, title: step.title, is, text })
        going.throwIfAborted()
        const made = await look.makeItSo({ signal: going, say: tell('says'), note: tell('notes') })
        standing.push({ step: step.id, title: step.title, made })
        if (made.stops !== undefined) going = AbortSignal.any([going, made.stops])
        visible ||= made.visible === true
        on({ step: step.id, title: step.title, is: 'made', says: made.says, notes: made.notes ?? [] })
      } catch (error) {
        on({ step: step.id, title: step.title, is: 'failed' })
        const { undone, notUndone } = visible ? { undone: [], notUndone: [] } : await takeBack(standing, on)
        const done = standing.map((each) => each.step).filter((id) => !undone.includes(id))
        return { done, ...wordsOf(standing), failed: { step: step.id, error, undone, notUndone, visible } }
      }
    }
    return { done: standing.map((each) => each.step), ...wordsOf(standing) }
  } finally {
    for (const { made } of standing.toReversed()) await made.release?.().catch(() => {})
  }
}

function wordsOf(standing: readonly Standing[]): Pick<Outcome, 'says' | 'notes'> {
  return {
    says: Object.fromEntries(standing.map(({ step, made }) => [step, made.says])),
    notes: Object.fromEntries(standing.map(({ step, made }) => [step, made.notes ?? []])),
  }
}

async function takeBack(standing: readonly Standing[], on: (event: Progress) => void) {
  const undone: string[] = []
  const notUndone: { step: string; error: unknown }[] = []
  for (const { step, title, made } of standing.toReversed()) {
    if (made.undo === undefined) continue
    try {
      await made.undo()
      undone.push(step)
      on({ step, title, is: 'undone' })
    } catch (error) {
      notUndone.push({ step, error })
      on({ step, title, is: 'not-undone' })
    }
  }
  return { undone, notUndone }
}

import { Failure } from '../failure.ts'
import type { Look, Step } from './step.ts'

/** A step with what its look found, or the error that its look, or an earlier one that it awaited, ended in. */
export interface Looked<World> {
  step: Step<World>
  look?: Look
  error?: unknown
}

/** Looks at all steps side by side. Never throws: what a look throws stands in its place. */
export async function lookAtAll<World>(steps: readonly Step<World>[], world: World): Promise<Looked<World>[]> {
  const looks = new Map<string, Promise<Look>>()
  for (const step of steps) {
    const before = new Map(looks)
    const earlier = (id: string): Promise<Look> => {
      const found = before.get(id)
      if (found === undefined) throw new Error(`${step.id} asks for ${id}, which is not an earlier step`)
      return found
    }
    looks.set(
      step.id,
      Promise.resolve().then(() => step.look(world, earlier)),
    )
  }
  const settled = await Promise.allSettled(looks.values())
  return steps.map((step, at) => {
    const one = settled[at]
    return one?.status === 'fulfilled' ? { step, look: one.value } : { step, error: one?.reason }
  })
}

/** The distinct errors of the looks, in the order of the steps: what stopped several steps, or was met by several calls, is told once. */
export function blockers<World>(looked: readonly Looked<World>[]): unknown[] {
  const errors = looked.flatMap(({ error }) => (error === undefined ? [] : [error]))
  return [...new Map(errors.map((error) => [error instanceof Failure ? `${error.id} ${error.message}` : error, error])).values()]
}

/** What another run is in the middle of looks wrong to this one, and isn't: if it is busy, only that is told. */
export function onlyBusy(errors: unknown[]): unknown[] {
  const busy = errors.filter((error) => error instanceof Failure && error.exit === 'busy')
  return busy.length > 0 ? busy : errors
}

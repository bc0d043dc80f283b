import type { Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import { requireUnused } from './placing.ts'
import type { RotationWorld } from './world.ts'

/**
 * The same step, which deletes nothing in 1Password that a Secret holds or may hold, and when it is interrupted says what may
 * have been made. `what` it makes stands in a sentence; `look` is the command that shows what there is.
 */
export function keepingUsed(mint: Step<RotationWorld>, { what, look }: { what: string; look(): Promise<string> }): Step<RotationWorld> {
  return {
    ...mint,
    async look(world, earlier) {
      const found = await mint.look(world, earlier)
      if (found.is !== 'pending') return found
      return {
        ...found,
        async makeItSo(run) {
          const made = await found.makeItSo(run).catch(async (error) => {
            throw world.signal.aborted && error === world.signal.reason ? interrupted(error, what, await look()) : error
          })
          const undo = async () => {
            requireUnused(world, what, await look())
            await made.undo?.()
          }
          return { ...made, undo }
        },
      }
    },
  }
}

function interrupted(reason: unknown, what: string, look: string): unknown {
  if (!(reason instanceof Failure)) return reason
  return new Failure({
    id: reason.id,
    exit: reason.exit,
    what: reason.message,
    why: `op was just making ${what}: whether 1Password has made it all the same is not known. Nobody has it then, and it should be deleted.`,
    fix: look,
  })
}

import type { Pending } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import type { RotationWorld } from './world.ts'

/** The same write, remembered until it is known not to be there, or taken back; what `goOn` does belongs to taking it back. */
export function placing(world: RotationWorld, write: Pending, goOn: () => Promise<void>): Pending {
  const { placed } = world
  const what = write.changes[0]?.what ?? ''
  return {
    ...write,
    async makeItSo(run) {
      placed.add(what)
      const made = await write.makeItSo(run).catch((error) => {
        if (error instanceof Failure && error.id !== 'outcome-unknown') placed.delete(what)
        throw error
      })
      const undo = async () => {
        await made.undo?.()
        placed.delete(what)
        await goOn()
      }
      return { ...made, undo }
    },
  }
}

/** Throws a Failure while something new stands in a Secret, or may: without what was made for it that would stop working. */
export function requireUnused({ placed }: RotationWorld, what: string, look: string): void {
  if (placed.size === 0) return
  throw new Failure({
    id: 'made-in-use',
    exit: 'partly',
    what: `${[...placed].join(' and ')} may hold what op made, so that ${what} was not deleted in 1Password again.`,
    why: 'What uses it would stop working.',
    fix: ['Run the same command again: it puts another one in its place.', 'When nothing uses it any more:', look],
  })
}

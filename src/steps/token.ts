import type { Look, Pending, Step } from '../engine/step.ts'
import type { ConnectToken } from '../onepassword/token.ts'
import { lookAtSecret } from './secret.ts'
import type { Installation, World } from './world.ts'

/** Every Secret that a store takes its token from holds this token. */
export const token: Step<World> = {
  id: 'token',
  title: 'the token Secret holds the token',
  async look(world) {
    const [{ stores, namespace }, given] = await Promise.all([world.folder(), world.token()])
    const places = stores.map((store) => tokenPlaceOf(store, namespace))
    const distinct = [...new Map(places.map((place) => [`${place.namespace}/${place.name}/${place.key}`, place])).values()]
    const looks = await Promise.all(
      distinct.map((place) =>
        lookAtSecret(world, {
          ...place,
          value: given?.value,
          same: (stored) => given?.value.equals(stored) === true,
          flag: '--token',
          notes: given === undefined ? [] : [describeToken(given, world.now()), ...given.notes],
        }),
      ),
    )
    return together(looks)
  },
}

/** The Secret that a store takes its token from; `namespace` is where Connect lives, for files that leave it to the build. */
export function tokenPlaceOf({ token, namespace: own }: Installation['stores'][number], namespace: string) {
  return { name: token.name, key: token.key, namespace: token.namespace ?? own ?? namespace }
}

/** How long it is valid and what it reads, for the plan; one that is in use may have expired. */
export function describeToken(token: Pick<ConnectToken, 'expires' | 'vaults'>, now: Date): string {
  const vaults = `reads ${token.vaults.length} ${token.vaults.length === 1 ? 'vault' : 'vaults'}`
  if (token.expires === undefined) return `never expires, ${vaults}`
  const left = token.expires.getTime() - now.getTime()
  const days = Math.floor(Math.abs(left) / 86_400_000)
  const span = `${days} ${days === 1 ? 'day' : 'days'}`
  return `${left > 0 ? `expires in ${span}` : `expired ${span} ago`}, ${vaults}`
}

/** Several looks as one: pending if any is, and then all that are pending are made so in order. */
function together(looks: readonly Look[]): Look {
  const pending = looks.filter((look): look is Pending => look.is === 'pending')
  const [first] = pending.length > 0 ? pending : looks
  if (first === undefined) return { is: 'skipped', says: 'no store names a token Secret' }
  if (pending.length < 2) return first
  return {
    is: 'pending',
    says: pending.map(({ says }) => says).join(', '),
    notes: [...new Set(pending.flatMap(({ notes = [] }) => notes))],
    changes: pending.flatMap(({ changes }) => changes),
    needs: pending.flatMap(({ needs = [] }) => needs),
    async makeItSo(run) {
      const undos: (() => Promise<void>)[] = []
      const undo = async () => {
        for (const each of undos.toReversed()) await each()
      }
      try {
        for (const look of pending) {
          const made = await look.makeItSo(run)
          if (made.undo !== undefined) undos.push(made.undo)
        }
      } catch (error) {
        await undo()
        throw error
      }
      return { says: `${pending.length} Secrets written`, undo }
    },
  }
}

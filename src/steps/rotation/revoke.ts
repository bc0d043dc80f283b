import type { Change, Step } from '../../engine/step.ts'
import type { OpConnect } from '../../onepassword/op-connect.ts'
import { commandOf, opWords } from '../../onepassword/op-words.ts'
import type { RotationWorld } from './world.ts'

/** What is no longer needed when the new pair is proven: a token, or with its credentials the whole Connect server. */
export interface Old {
  /** The token's `jti`; missing where the server goes. */
  id?: string
  server: string
  expires?: Date
}

export interface Revoking {
  old: readonly Old[]
  /** Grows as they are deleted. */
  deleted: Old[]
  signal: AbortSignal
}

/** The old tokens, or Connect servers, are deleted in 1Password. */
export function revoke(op: OpConnect): Step<Revoking> {
  return {
    id: 'revoke',
    title: 'the old one is deleted in 1Password',
    async look({ old, deleted, signal }) {
      if (old.length === 0) return { is: 'skipped', says: 'nothing to delete in 1Password: what was replaced is not known' }
      return {
        is: 'pending',
        says: 'delete the old one in 1Password',
        changes: old.map((each): Change => ({ action: 'delete', what: `${nameOf(each)} in 1Password`, note: commandFor(each) })),
        async makeItSo() {
          for (const each of old) {
            const { id, server } = each
            await (id === undefined ? op.deleteServer(server, signal) : op.deleteToken({ id, server }, signal))
            deleted.push(each)
          }
          return { says: `${old.map(nameOf).join(', ')} deleted in 1Password`, visible: true }
        },
      }
    },
  }
}

/** The command that deletes it, as a person types it. */
export function commandFor({ id, server }: Old): string {
  return commandOf(id === undefined ? opWords.deleteServer(server) : opWords.deleteToken({ id, server }))
}

function nameOf({ id, server }: Old): string {
  return id === undefined ? `Connect server ${server}` : `token ${id}`
}

/** What a rotation of these clusters has replaced, each once. */
export async function replacedInAll(worlds: readonly RotationWorld[]): Promise<Old[]> {
  const all = (await Promise.all(worlds.map(replacedIn))).flatMap((each) => each ?? [])
  return [...new Map(all.map((old) => [`${old.server} ${old.id}`, old])).values()]
}

/** What a rotation of this cluster has replaced, or an earlier run that was ended; nothing where that isn't known, or while there is no new one. */
async function replacedIn(world: RotationWorld): Promise<Old | undefined> {
  const [{ token: held, unprovenAfter }, now] = await Promise.all([world.held(), world.token()])
  if (held === undefined || held.server === 'unknown' || now === undefined) return undefined
  if (world.command === 'rotate-credentials') return held.server === now.server ? undefined : { server: held.server }
  const isNew = held.id === now.id
  const id = isNew ? unprovenAfter : held.id
  if (id === undefined || id === 'unknown' || id === now.id) return undefined
  return { id, server: held.server, ...(!isNew && held.expires !== undefined && { expires: held.expires }) }
}

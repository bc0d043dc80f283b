import type { Outcome } from '../../engine/apply.ts'
import type { Change, Step } from '../../engine/step.ts'
import type { OpConnect } from '../../onepassword/op-connect.ts'
import { commandOf, opWords } from '../../onepassword/op-words.ts'

/** What is no longer needed when the new pair is proven: a token, or with its credentials the whole Connect server. */
export interface Old {
  /** The token's `jti`; missing where the server goes. */
  id?: string
  server: string
  expires?: Date
}

/** What became of the deleting. */
export interface Revoked {
  deleted: readonly Old[]
  outcome: Outcome
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

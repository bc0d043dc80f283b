import type { ConnectToken } from './token.ts'

/** How a token stands to its end; `endless` has none. */
export type Standing = 'valid' | 'expiring' | 'expired' | 'endless'

/** Where a token stands now; it is `expiring` when `within` milliseconds are left, or less. */
export function standingOf({ expires }: Pick<ConnectToken, 'expires'>, now: Date, within: number): Standing {
  if (expires === undefined) return 'endless'
  const left = expires.getTime() - now.getTime()
  return left <= 0 ? 'expired' : left <= within ? 'expiring' : 'valid'
}

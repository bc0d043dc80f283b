import { Secret } from '../secret.ts'
import { claimsOf } from './jwt.ts'
import { refuseOthers } from './not-token.ts'
import { newToken } from './obtain.ts'
import { notJwt, refusal } from './token-refusal.ts'

export interface ConnectToken {
  value: Secret
  /** `jti`: its id in `op connect token list`; `unknown` if the token doesn't say. */
  id: string
  /** `sub`: the id of the Connect server that it is for; `unknown` if the token doesn't say. */
  server: string
  account?: string
  issuedAt?: Date
  /** Absent for a token that never expires. */
  expires?: Date
  /** The vaults that it may read, ids in lower case; empty if the token doesn't list them. `acl` is a bit mask. */
  vaults: { id: string; acl: number }[]
  notes: string[]
}

const soon = 7 * 24 * 60 * 60 * 1000
/** Clocks differ; what is only just not valid yet will be when Connect reads it. */
const skew = 5 * 60 * 1000

/**
 * Takes a Connect access token apart, offline: its form, its audience, its dates and the vaults it lists. The signature
 * cannot be checked without 1Password. Throws a Failure `token-…` that says what is wrong and how to get a right one.
 */
export function parseToken(raw: Secret, now: Date): ConnectToken {
  const text = raw.reveal()
  const value = text.trim()
  refuseOthers(value)
  const claims = claimsOf(value)
  const audience = [claims['aud']].flat()
  if (!audience.includes('com.1password.connect')) {
    throw refusal('token-audience', 'The token is not for 1Password Connect.', 'Its audience does not contain com.1password.connect.')
  }
  const token = read(claims, new Secret(value))
  checkDates(token, dateOf(claims, 'nbf'), now)
  if (value !== text) token.notes.push('White space around the token was removed.')
  if (token.expires === undefined) token.notes.push('The token never expires; one made with --expires-in 90d does less harm when it leaks.')
  else if (token.expires.getTime() - now.getTime() < soon) token.notes.push(`The token expires soon, on ${day(token.expires)}.`)
  if (token.vaults.length === 0) token.notes.push('The token does not say which vaults it may read.')
  return token
}

/** What a token that is in use tells of itself, whatever its dates; undefined if it isn't one. */
export function tokenIn(raw: Secret): ConnectToken | undefined {
  try {
    const value = raw.reveal().trim()
    return read(claimsOf(value), new Secret(value))
  } catch {
    return undefined
  }
}

/** Such a value can't be sent as a header; blanks at its ends are left out of one: https://github.com/1Password/connect-sdk-go/issues/73 */
export function hasLineBreak(raw: Secret): boolean {
  return /[\r\n]/.test(raw.reveal())
}

function read(claims: Record<string, unknown>, value: Secret): ConnectToken {
  const account = textOf(claims['1password.com/auuid'])
  const issuedAt = dateOf(claims, 'iat')
  const expires = dateOf(claims, 'exp')
  return {
    value,
    id: textOf(claims['jti']) ?? 'unknown',
    server: textOf(claims['sub']) ?? 'unknown',
    ...(account === undefined ? {} : { account }),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(expires === undefined ? {} : { expires }),
    vaults: vaultsOf(claims['1password.com/vts']),
    notes: [],
  }
}

/** Only what has the form of an id: the payload holds secrets too, and these texts are shown. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w[\w-]{0,63}$/.test(value) ? value : undefined
}

function vaultsOf(value: unknown): ConnectToken['vaults'] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each: { u?: unknown; a?: unknown } | null) => {
    const id = textOf(each?.u)
    return id === undefined ? [] : [{ id: id.toLowerCase(), acl: typeof each?.a === 'number' ? each.a : 0 }]
  })
}

function dateOf(claims: Record<string, unknown>, name: 'iat' | 'nbf' | 'exp'): Date | undefined {
  const seconds = claims[name]
  if (seconds === undefined) return undefined
  const date = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN)
  if (Number.isNaN(date.getTime())) throw notJwt(`Its ${name} is not a date.`)
  return date
}

function checkDates(token: ConnectToken, notBefore: Date | undefined, now: Date): void {
  const again = newToken(
    token.server === 'unknown' ? undefined : token.server,
    token.vaults.map((vault) => vault.id),
  )
  if (token.expires !== undefined && token.expires <= now) {
    const why = `It was valid until then; Connect refuses it now. This machine's clock says ${now.toISOString()}.`
    throw refusal('token-expired', `The token has been expired since ${day(token.expires)}.`, why, again)
  }
  if (notBefore !== undefined && notBefore.getTime() > now.getTime() + skew) {
    const why = `This machine's clock says ${now.toISOString()}.`
    throw refusal('token-not-yet-valid', `The token is not valid before ${notBefore.toISOString()}.`, why, 'Set the clock, or wait.')
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

import { verify } from 'node:crypto'
import type { ConnectIdentity } from './account.ts'

/** What a Connect server reads out of a token that it accepts. */
export interface Bearer {
  id: string
  account: string
  vaults: string[]
}

/** Why a token was not accepted: what the caller is told, and what the server's log says. */
export interface Refusal {
  message: string
  log: string
}

/**
 * Checks a bearer token as Connect does: signed with ES256 by this server's key, meant for Connect, for this very
 * server, neither expired nor revoked. The claims are 1Password's: `vts` names the vaults, `sub` the server.
 */
export function checkToken(token: string, server: ConnectIdentity, revoked: ReadonlySet<string>, now: Date): Bearer | Refusal {
  const parts = token.split('.')
  const [header, payload, signature] = parts
  const claims = json(payload)
  if (parts.length !== 3 || !claims || json(header)?.['alg'] !== 'ES256') {
    return { message: 'Invalid bearer token', log: 'validation failed, token is malformed' }
  }
  const signed = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: server.publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature ?? '', 'base64url'),
  )
  if (!signed) return { message: 'Invalid token signature', log: "Each header's KID must match the KID of the public key" }
  if (claims['sub'] !== server.id) {
    return { message: 'Invalid bearer token', log: 'failed to Decrypt localAuthv2: Authentication failed, invalid bearer token' }
  }
  if (![claims['aud']].flat().includes('com.1password.connect')) {
    return { message: 'Invalid bearer token', log: 'validation failed, token audience is invalid (aud)' }
  }
  if (typeof claims['exp'] === 'number' && claims['exp'] * 1000 <= now.getTime()) {
    return { message: 'Invalid bearer token', log: 'validation failed, token is expired (exp)' }
  }
  const id = String(claims['jti'])
  if (revoked.has(id)) return { message: 'Invalid bearer token', log: `token ${id} has been revoked` }
  const scope = Array.isArray(claims['1password.com/vts']) ? (claims['1password.com/vts'] as { u: string }[]) : []
  return { id, account: String(claims['1password.com/auuid']), vaults: scope.map((each) => each.u.toLowerCase()) }
}

function json(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

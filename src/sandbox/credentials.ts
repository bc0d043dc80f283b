import { generateKeyPairSync, randomBytes, randomInt, sign } from 'node:crypto'
import { Secret } from '../secret.ts'

export interface TokenOptions {
  vaults?: { id: string; acl?: number }[]
  /** The id of the Connect server that it is for; one of its own unless given. */
  server?: string
  id?: string
  account?: string
  audience?: string[]
  issuedAt?: Date
  notBefore?: Date
  /** 90 days after `issuedAt` unless given; `never` leaves `exp` out, as `op` does without `--expires-in`. */
  expires?: Date | 'never'
}

const day = 24 * 60 * 60 * 1000
const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
const random = (bytes: number) => randomBytes(bytes).toString('base64url')

/** An id in the form that 1Password gives its vaults, servers and tokens: 26 lower-case letters and digits. */
export function makeId(): string {
  return Array.from({ length: 26 }, () => 'abcdefghijklmnopqrstuvwxyz234567'[randomInt(32)]).join('')
}

/**
 * A Connect token for the sandbox: a JWT with the claims that 1Password's own have, signed with ES256 by a key that
 * nobody keeps. No Connect server of 1Password accepts it.
 */
export function makeToken(options: TokenOptions = {}): Secret {
  const issuedAt = options.issuedAt ?? new Date()
  const expires = options.expires ?? new Date(issuedAt.getTime() + 90 * day)
  const signed = [
    encoded({ alg: 'ES256', kid: makeId(), typ: 'JWT' }),
    encoded({
      '1password.com/auuid': options.account ?? makeId(),
      '1password.com/token': random(32),
      '1password.com/fts': ['vaultaccess'],
      '1password.com/vts': (options.vaults ?? [{ id: makeId() }]).map((vault) => ({ u: vault.id, a: vault.acl ?? 48 })),
      aud: options.audience ?? ['com.1password.connect'],
      iss: 'com.1password.b5',
      sub: options.server ?? makeId(),
      jti: options.id ?? makeId(),
      iat: seconds(issuedAt),
      ...(options.notBefore === undefined ? {} : { nbf: seconds(options.notBefore) }),
      ...(expires === 'never' ? {} : { exp: seconds(expires) }),
    }),
  ].join('.')
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return new Secret(`${signed}.${signature.toString('base64url')}`)
}

/** A `1password-credentials.json` for the sandbox: the shape of a real one, filled with random bytes. */
export function makeCredentials(): Secret {
  return new Secret(
    JSON.stringify({
      verifier: { salt: random(16), localHash: random(32) },
      encCredentials: { kid: makeId(), enc: 'A256GCM', cty: 'b5+jwk+json', iv: random(12), data: random(600) },
      version: '2',
      deviceUuid: makeId(),
      uniqueKey: { alg: 'A256GCM', ext: true, k: random(32), key_ops: ['encrypt', 'decrypt'], kty: 'oct', kid: makeId() },
    }),
  )
}

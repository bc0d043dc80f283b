import { generateKeyPairSync, sign } from 'node:crypto'
import type { Secret } from '../../secret.ts'
import { Secret as SecretValue } from '../../secret.ts'
import { makeCredentials, makeId, makeToken, type TokenOptions } from '../credentials.ts'
import type { ConnectIdentity } from './account.ts'

/** A Connect server of the sandbox's account, with what 1Password alone has: the key that signs its tokens. */
export interface ConnectAccess {
  identity: ConnectIdentity
  credentials: Secret
  /** A token that this server accepts, unless the options make it one that it doesn't. */
  mint(options?: TokenOptions): Secret
}

export function createConnectAccess(account: string): ConnectAccess {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentials = makeCredentials()
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const identity = { id: makeId(), credentials: credentials.reveal(), publicKey: pem }
  return {
    identity,
    credentials,
    mint: (options = {}) => {
      const [header, payload] = makeToken({ server: identity.id, account, ...options })
        .reveal()
        .split('.')
      const signature = sign('sha256', Buffer.from(`${header}.${payload}`), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return new SecretValue(`${header}.${payload}.${signature.toString('base64url')}`)
    },
  }
}

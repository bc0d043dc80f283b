import { Failure } from '../../failure.ts'
import { newToken } from '../../onepassword/obtain.ts'
import type { ConnectToken } from '../../onepassword/token.ts'
import type { Store } from './bridge.ts'
import type { Held } from './world.ts'

export interface AgainstWhat {
  held: Held
  stores: readonly Store[]
  /** A new Connect server comes with the token, so that it can't be of the old one. */
  newServer: boolean
}

const vaultId = /^[a-z0-9]{26}$/i

/**
 * Refuses, offline, a token that can't take the place of the one that is there: of another account or Connect server, or not
 * for a vault that a store names by its id. Titles are for Connect to resolve. Throws a Failure.
 */
export function refuseUnfit(token: ConnectToken, { held, stores, newServer }: AgainstWhat): void {
  const old = held.token
  if (old?.account !== undefined && token.account !== undefined && !same(old.account, token.account)) {
    throw new Failure({
      id: 'token-other-account',
      exit: 'blocked',
      what: 'The new token is of another 1Password account than the one that is in use.',
      why: 'Perhaps op is signed in to the other account.',
      fix: newServer
        ? ['op account list', 'To move to the other account: eso-bootstrap init --replace --credentials <source> --token <source>']
        : ['op account list', ...newToken(old.server, vaultsOf(stores))],
    })
  }
  const known = old !== undefined && old.server !== 'unknown' && token.server !== 'unknown'
  if (known && !newServer && !same(old.server, token.server)) {
    throw new Failure({
      id: 'token-other-server',
      exit: 'blocked',
      what: 'The new token is of another Connect server than the one that is in use.',
      why: 'Connect refuses it: a token works only with the credentials of its own server.',
      fix: [
        ...newToken(old.server, vaultsOf(stores)),
        'or both at once: eso-bootstrap rotate-credentials --credentials <source> --token <source>',
      ],
    })
  }
  const listed = new Set(token.vaults.map(({ id }) => id))
  const lacking = vaultsOf(stores).filter((key) => vaultId.test(key) && listed.size > 0 && !listed.has(key.toLowerCase()))
  if (lacking.length > 0) {
    throw new Failure({
      id: 'token-lacks-vault',
      exit: 'blocked',
      what: `The new token does not read ${lacking.length === 1 ? 'the vault' : 'the vaults'} ${lacking.join(', ')} that the stores name.`,
      why: 'The vaults of a token are fixed when it is issued.',
      fix: newToken(token.server, vaultsOf(stores)),
    })
  }
}

/** Connect answers 401, 403 and 500 in the first moments of a token: https://github.com/1Password/connect/issues/82 */
const youth = 10 * 60_000

/** What Connect refuses now it may still accept. */
export function isYoung({ issuedAt }: ConnectToken, now: Date): boolean {
  return issuedAt === undefined || now.getTime() - issuedAt.getTime() < youth
}

/** Every vault that these stores name, once. */
export function vaultsOf(stores: readonly Pick<Store, 'vaults'>[]): string[] {
  return [...new Set(stores.flatMap(({ vaults }) => vaults.map(({ key }) => key)))]
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

import { addVault } from '../connect/account.ts'
import { enabled, withVault } from './files.ts'
import { putBootstrapSecrets, type Scenario, type Stage } from './stage.ts'

const day = 24 * 60 * 60 * 1000

/** What may be wrong with the account, the token or Connect. */
export const onepasswordScenarios: Record<string, Scenario> = {
  'dead-token': {
    says: 'The token looks right, but it was revoked in 1Password.',
    after: revoke,
  },
  'stale-ready': {
    says: 'All is set up and the store says Ready, but the token has been revoked since.',
    files: (files, vault) => enabled(withVault(files, vault)),
    before: (stage) => putBootstrapSecrets(stage),
    after: revoke,
  },
  'expired-token': {
    says: 'The token expired yesterday.',
    token: { issuedAt: new Date(Date.now() - 31 * day), expires: new Date(Date.now() - day) },
  },
  'wrong-vault': {
    says: 'The vault that is asked for is written in another case than the one in 1Password.',
    vault: 'Catalyst-ESO',
  },
  'duplicate-vault': {
    says: 'Two vaults have the title that is asked for.',
    account: (account) => {
      addVault(account, 'catalyst-eso')
    },
  },
  'slow-connect': {
    says: 'Connect takes a second for each answer.',
    connectDelay: 1_000,
  },
}

function revoke({ account, token }: Stage): void {
  const [, payload = ''] = token.reveal().split('.')
  account.revoked.add(JSON.parse(Buffer.from(payload, 'base64url').toString()).jti)
}

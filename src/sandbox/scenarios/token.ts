import { createConnectAccess } from '../connect/identity.ts'
import { makeId } from '../credentials.ts'
import { setUp } from './set-up.ts'
import { putBootstrapSecrets, putSecret, type Scenario, type Stage } from './stage.ts'

const day = 24 * 60 * 60 * 1000

/** Another token than the one that is handed out. */
const holding = (value: (stage: Stage) => string) => ({
  secrets: (stage: Stage) => {
    putBootstrapSecrets(stage)
    putSecret(stage, 'onepassword-connect-token', 'token', value(stage))
  },
})

/** What may be wrong with the token of a cluster that is set up. */
export const tokenScenarios: Record<string, Scenario> = {
  'token-expired': setUp('The token in the cluster expired yesterday.', {
    token: { issuedAt: new Date(Date.now() - 31 * day), expires: new Date(Date.now() - day) },
  }),
  'token-expiring': setUp('The token in the cluster expires in five days.', {
    token: { issuedAt: new Date(Date.now() - 85 * day), expires: new Date(Date.now() + 5 * day) },
  }),
  'token-stub': setUp(
    'Only the first of the three parts of the token is in the cluster: a double click stops at the dot.',
    holding(({ token }) => token.reveal().split('.')[0] ?? ''),
  ),
  'token-newline': setUp(
    'The token Secret was made from a file that ends with a line break.',
    holding(({ token }) => `${token.reveal()}\n`),
  ),
  'service-account-token': setUp(
    'A service-account token is where a Connect token belongs.',
    holding(
      () => `ops_${Buffer.from(JSON.stringify({ signInAddress: 'example.1password.com', userAuth: {}, muk: {} })).toString('base64url')}`,
    ),
  ),
  'other-server-token': setUp(
    'The token is of another Connect server than the credentials.',
    holding(({ account }) =>
      createConnectAccess(makeId())
        .mint({ vaults: account.vaults.map(({ id }) => ({ id })) })
        .reveal(),
    ),
  ),
  'no-secrets': setUp('Connect and the stores are enabled, and nobody has made the two Secrets.', { secrets: () => {} }),
}

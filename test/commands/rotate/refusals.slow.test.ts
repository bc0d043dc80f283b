import { createConnectAccess } from '../../../src/sandbox/connect/identity.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { makeToken } from '../../canary.ts'
import { type At, type Given, type Row, refuses } from './refusals.ts'

const exit = 'blocked'
const anyToken = 'op connect token create eso-bootstrap --server <server> --vault <vault> --expires-in 90d'

/** A file of this content as the token. */
const holding =
  (content: (at: At) => string) =>
  async (at: At): Promise<Given> => {
    const text = content(at)
    return { flags: { token: await at.file('wrong-token', text) }, secrets: text.length > 80 ? [text] : [] }
  }

/** The account, as the token that is in use names it. */
const accountOf = (at: At): string =>
  JSON.parse(Buffer.from((at.held() ?? '').split('.')[1] ?? '', 'base64url').toString())['1password.com/auuid']

const vaultsOf = (at: At, ...titles: string[]) =>
  at.sandbox.account.vaults.filter(({ title }) => titles.includes(title)).map(({ id }) => ({ id }))

const rows: Row[] = [
  {
    wrong: 'the token that is in use',
    with: holding((at) => at.held() ?? ''),
    exit,
    id: 'token-same',
    what: 'Secret external-secrets/onepassword-connect-token holds this very token already.',
    why: 'The new token has to be another one: the source that was named still gives the one that is in use.',
    fix: 'Let op make one: eso-bootstrap rotate-token --mint',
  },
  {
    wrong: 'the token that is in use, with a line break after it',
    with: holding((at) => `${at.held()}\n`),
    exit,
    id: 'token-same',
    what: 'Secret external-secrets/onepassword-connect-token holds this very token already.',
    fix: 'Let op make one: eso-bootstrap rotate-token --mint',
  },
  {
    wrong: 'a token that has expired',
    with: holding(({ sandbox }) =>
      sandbox.access.mint({ issuedAt: new Date('2024-01-01'), expires: new Date('2024-03-31'), vaults: [] }).reveal(),
    ),
    exit,
    id: 'token-expired',
    what: 'The token has been expired since 2024-03-31.',
    fix: 'op connect token create eso-bootstrap --server',
  },
  {
    wrong: 'the token of a service account',
    with: holding(() => `ops_${Buffer.from(JSON.stringify({ secretKey: 'A3-ABCDEF-GHIJKL-MNOPQ-RSTUV' })).toString('base64url')}`),
    exit,
    id: 'token-service-account',
    what: 'This is a service-account token, not a Connect token.',
    fix: anyToken,
  },
  {
    wrong: 'the first part of a token',
    with: holding(({ token }) => token.value.split('.')[0] ?? ''),
    exit,
    id: 'token-stub',
    what: 'The token is only the first part of a token.',
    fix: 'Copy the whole token',
  },
  {
    wrong: 'anything else',
    with: holding(() => 'swordfish'),
    exit,
    id: 'token-not-jwt',
    what: 'This is not a Connect token.',
    fix: anyToken,
  },
  {
    wrong: 'a token of another Connect server',
    with: holding((at) => createConnectAccess(accountOf(at)).mint().reveal()),
    exit,
    id: 'token-other-server',
    what: 'The new token is of another Connect server than the one that is in use.',
    why: 'Connect refuses it: a token works only with the credentials of its own server.',
    fix: 'op connect token create eso-bootstrap --server <id> --vault catalyst-eso --expires-in 90d',
  },
  {
    wrong: 'a token of another account',
    with: holding(() => makeToken()),
    exit,
    id: 'token-other-account',
    what: 'The new token is of another 1Password account than the one that is in use.',
    why: 'Perhaps op is signed in to the other account.',
    fix: 'op connect token create eso-bootstrap --server <id> --vault catalyst-eso --expires-in 90d',
  },
  {
    wrong: 'a token without the vault that a store names by its id',
    with: async (at) => {
      const [vault] = vaultsOf(at, 'catalyst-eso')
      const store = at.sandbox.api.store.get(kinds.secretStore, 'external-secrets', 'onepassword')
      const onepassword = { ...store?.['spec'].provider.onepassword, vaults: { [vault?.id ?? '']: 1 } }
      await at.change(kinds.secretStore, 'external-secrets', 'onepassword', { spec: { provider: { onepassword } } })
      return { flags: { token: (await at.newToken({ vaults: vaultsOf(at, 'Team Shared') })).path } }
    },
    exit,
    id: 'token-lacks-vault',
    what: 'The new token does not read the vault <id> that the stores name.',
    why: 'The vaults of a token are fixed when it is issued.',
    fix: 'op connect token create eso-bootstrap --server <id> --vault catalyst-eso --vault <id> --expires-in 90d',
  },
  {
    wrong: 'a token without the vault that the stores name by its title, which only Connect knows',
    with: async (at) => ({ flags: { token: (await at.newToken({ vaults: vaultsOf(at, 'Team Shared') })).path } }),
    exit,
    id: 'vault-not-found',
    what: 'The token sees no vault with the title "catalyst-eso".',
    fix: 'op connect token create eso-bootstrap --server <id> --vault catalyst-eso --expires-in 90d',
  },
  {
    wrong: 'a token that 1Password has revoked',
    with: async (at) => {
      const { path, id } = await at.newToken()
      at.sandbox.account.revoked.add(id)
      return { flags: { token: path } }
    },
    exit: 'refused',
    id: 'token-refused',
    what: 'Connect refuses the token.',
    why: 'It was revoked, has expired, or belongs to another Connect server.',
    fix: 'op connect token create eso-bootstrap --server <id> --vault catalyst-eso --expires-in 90d',
  },
  {
    wrong: 'a token that Connect gives no vault',
    with: async (at) => {
      await at.connectAnswers(403, JSON.stringify({ status: 403, message: `Authorization: ${at.token.value}` }))
    },
    exit: 'refused',
    id: 'vault-not-in-scope',
    what: 'The token may not read a vault that the stores name.',
    fix: 'op connect token list',
  },
  {
    wrong: 'a Connect that is broken, for as long as is waited',
    with: async (at) => {
      await at.connectAnswers(500, JSON.stringify({ status: 500, message: at.token.value }))
      return { flags: { timeout: '100ms' } }
    },
    exit,
    id: 'connect-failing',
    what: 'Connect answers, but cannot read from 1Password yet.',
    fix: 'kubectl logs deployment/onepassword-connect -n external-secrets --all-containers',
  },
  {
    wrong: 'something else at the address of Connect',
    with: (at) => at.connectAnswers(200, `<html>${at.token.value}</html>`),
    exit,
    id: 'connect-host-not-connect',
    what: 'What answers at http://onepassword-connect.external-secrets.svc.cluster.local:8080 is not 1Password Connect.',
    fix: 'kubectl get services,endpointslices -A',
  },
  {
    wrong: 'a token that is not there',
    with: () => ({ flags: { token: './nothing' } }),
    exit: 'usage',
    id: 'token-missing',
    what: 'There is no file ./nothing.',
    fix: 'Name the right file with --token.',
  },
  {
    wrong: 'a token that is not valid yet',
    with: holding(({ sandbox }) => sandbox.access.mint({ notBefore: new Date('2126-01-01'), expires: new Date('2127-01-01') }).reveal()),
    exit,
    id: 'token-not-yet-valid',
    what: 'The token is not valid before 2126-01-01T00:00:00.000Z.',
    fix: 'Set the clock, or wait.',
  },
]

refuses(rows)

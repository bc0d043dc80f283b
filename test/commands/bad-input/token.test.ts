import { makeToken } from '../../canary.ts'
import type { Place } from './place.ts'
import { type Row, refuses } from './refusals.ts'

const exit = 'blocked'
const again = 'op connect token create eso-bootstrap --server <server> --vault <vault> --expires-in 90d'

/** A file of this content as the token. */
const holding = (content: string | ((token: string, at: Place) => string)) => async (at: Place) => {
  const text = typeof content === 'function' ? content(at.secrets()[1] ?? '', at) : content
  return { flags: { token: await at.file('token', text) }, secrets: [text].filter((each) => each.length > 20) }
}

const serviceAccount = `ops_${Buffer.from(JSON.stringify({ userAuth: {}, secretKey: 'A3-ABCDEF-GHIJKL-MNOPQ-RSTUV-WXYZ2-34567' })).toString('base64url')}`

const rows: Row[] = [
  { wrong: 'an empty file', with: holding('\n'), exit: 'usage', id: 'token-empty', what: 'The token is empty.', fix: again },
  {
    wrong: 'a file that is not there',
    with: () => ({ flags: { token: './nothing' } }),
    exit: 'usage',
    id: 'token-missing',
    what: 'There is no file ./nothing.',
    fix: 'Name the right file with --token.',
  },
  {
    wrong: 'the first part only, as a double click copies it',
    with: holding((token) => token.split('.')[0] ?? ''),
    exit,
    id: 'token-stub',
    what: 'The token is only the first part of a token.',
    fix: 'Copy the whole token: it is many hundred characters long.',
  },
  {
    wrong: 'a token without its end',
    with: holding((token) => token.slice(0, -20)),
    exit,
    id: 'token-truncated',
    what: 'The end of the token is missing or damaged.',
    fix: again,
  },
  {
    wrong: 'a token that expired',
    with: holding(makeToken({ issuedAt: new Date('2024-01-01'), expires: new Date('2024-03-31') })),
    exit,
    id: 'token-expired',
    what: 'The token has been expired since 2024-03-31.',
    fix: 'op connect token create eso-bootstrap --server',
  },
  {
    wrong: 'a token for another audience',
    with: holding((token) => {
      const [header = '', payload = '', signature = ''] = token.split('.')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
      const other = Buffer.from(JSON.stringify({ ...claims, aud: ['com.example.other'] })).toString('base64url')
      return [header, other, signature].join('.')
    }),
    exit,
    id: 'token-audience',
    what: 'The token is not for 1Password Connect.',
    why: 'Its audience does not contain com.1password.connect.',
    fix: again,
  },
  {
    wrong: 'the token of a Kubernetes service account',
    with: holding((token) => {
      const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'x' })).toString('base64url')
      return [header, ...token.split('.').slice(1)].join('.')
    }),
    exit,
    id: 'token-not-es256',
    what: 'The token is not signed the way Connect tokens are.',
    fix: again,
  },
  {
    wrong: 'the token of a 1Password service account',
    with: holding(serviceAccount),
    exit,
    id: 'token-service-account',
    what: 'This is a service-account token, not a Connect token.',
    fix: again,
  },
  {
    wrong: 'a line break inside',
    with: holding((token) => `${token.slice(0, 100)}\n${token.slice(100)}`),
    exit,
    id: 'token-whitespace',
    what: 'The token has white space or a line break inside.',
    fix: 'Copy it again as one line, or read it from 1Password:',
  },
  {
    wrong: 'the credentials in its place',
    with: (at) => ({ flags: { token: at.sandbox.credentialsPath } }),
    exit,
    id: 'token-is-credentials',
    what: 'The credentials file was given where the token is expected.',
    fix: 'Give the file with --credentials, and the token with --token.',
  },
  {
    wrong: 'the header that it is sent in',
    with: holding((token) => `Bearer ${token}`),
    exit,
    id: 'token-not-jwt',
    what: 'This is not a Connect token.',
    fix: again,
  },
  {
    wrong: 'a variable that is not set',
    with: () => ({ flags: { token: 'env:CONNECT_TOKEN' } }),
    exit: 'usage',
    id: 'token-variable-unset',
    what: 'The environment variable CONNECT_TOKEN, which should hold the token, is not set.',
    fix: 'Export it (export CONNECT_TOKEN=…)',
  },
  {
    wrong: 'the token itself on the command line',
    with: (at) => ({ flags: { token: at.secrets()[1] } }),
    exit: 'usage',
    id: 'value-instead-of-source',
    what: '--token takes the place where the secret is, not the secret itself.',
    fix: 'Give a file, `-` for standard input, `env:NAME`, or `op://vault/item/field`.',
  },
  {
    wrong: 'the token itself where a name belongs',
    with: (at) => ({ flags: { token: `env:${at.secrets()[1]}` } }),
    exit: 'usage',
    id: 'value-instead-of-source',
    what: '--token takes the place where the secret is, not the secret itself.',
    fix: 'Give a file',
  },
  {
    wrong: 'the token itself in the variable for its source',
    with: (at) => ({ flags: { token: undefined }, env: { ESO_BOOTSTRAP_TOKEN: at.secrets()[1] } }),
    exit: 'usage',
    id: 'value-instead-of-source',
    what: '--token takes the place where the secret is, not the secret itself.',
    fix: 'Give a file',
  },
  {
    wrong: 'a service account in the variable for the token',
    with: () => ({ flags: { token: undefined }, env: { OP_CONNECT_TOKEN: serviceAccount }, secrets: [serviceAccount] }),
    exit,
    id: 'token-service-account',
    what: 'This is a service-account token, not a Connect token.',
    fix: again,
  },
  {
    wrong: 'standard input for both',
    with: (at) => ({ flags: { token: '-', credentials: '-' }, stdin: at.secrets()[1] }),
    exit: 'usage',
    id: 'stdin-twice',
    what: 'Both --credentials and --token read standard input, which holds one of them at most.',
    fix: 'eso-bootstrap init --credentials <file> --token -',
  },
]

refuses(rows)

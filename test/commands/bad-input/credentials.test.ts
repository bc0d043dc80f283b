import type { Place } from './place.ts'
import { type Row, refuses } from './refusals.ts'

const exit = 'blocked'
const again = 'op connect server create <name> --vaults <vault>'

/** A file of this content as credentials. */
const holding = (content: string | Buffer | ((credentials: string, at: Place) => string)) => async (at: Place) => {
  const text = typeof content === 'function' ? content(at.secrets()[0] ?? '', at) : content
  return { flags: { credentials: await at.file('credentials', text) } }
}

const edited = (change: (object: Record<string, unknown>) => object) =>
  holding((credentials) => JSON.stringify(change(JSON.parse(credentials))))

const rows: Row[] = [
  {
    wrong: 'a file that is not there',
    with: () => ({ flags: { credentials: 'nothing.json' } }),
    exit: 'usage',
    id: 'credentials-missing',
    what: 'There is no file nothing.json.',
    fix: 'Name the right file with --credentials.',
  },
  {
    wrong: 'a folder',
    with: (at) => ({ flags: { credentials: at.home } }),
    exit: 'usage',
    id: 'credentials-is-folder',
    what: '<here>/home is a folder; --credentials takes a file.',
    fix: 'eso-bootstrap init --credentials <here>/home/1password-credentials.json',
  },
  {
    wrong: 'an empty file',
    with: holding(''),
    exit: 'usage',
    id: 'credentials-empty',
    what: 'The 1Password credentials are empty.',
    fix: again,
  },
  {
    wrong: 'blank lines',
    with: holding('\n \n'),
    exit: 'usage',
    id: 'credentials-empty',
    what: 'The 1Password credentials are empty.',
    fix: again,
  },
  {
    wrong: 'a text that is not JSON',
    with: holding('to be done'),
    exit,
    id: 'credentials-not-json',
    what: 'The 1Password credentials are not JSON.',
    fix: again,
  },
  {
    wrong: 'a file that was cut off',
    with: holding((credentials) => credentials.slice(0, -40)),
    exit,
    id: 'credentials-truncated',
    what: 'The 1Password credentials end in the middle.',
    fix: again,
  },
  {
    wrong: 'other JSON',
    with: holding('{"name": "eso-bootstrap"}'),
    exit,
    id: 'credentials-incomplete',
    what: 'The 1Password credentials lack verifier.salt, verifier.localHash, encCredentials.kid, encCredentials.enc, encCredentials.iv, encCredentials.data, version, deviceUuid, uniqueKey.alg, uniqueKey.k, uniqueKey.kty.',
    fix: again,
  },
  {
    wrong: 'a file that lacks a part',
    with: edited(({ uniqueKey: _, ...rest }) => rest),
    exit,
    id: 'credentials-incomplete',
    what: 'The 1Password credentials lack uniqueKey.alg, uniqueKey.k, uniqueKey.kty.',
    why: 'Connect cannot decrypt its key without every part of the file.',
    fix: again,
  },
  {
    wrong: 'a version that became a number',
    with: edited((object) => ({ ...object, version: 2 })),
    exit,
    id: 'credentials-version',
    what: 'The version in the 1Password credentials is a number.',
    fix: 'Use the file as 1Password offered it for download, untouched.',
  },
  {
    wrong: 'the token in their place',
    with: (at) => ({ flags: { credentials: at.sandbox.tokenPath } }),
    exit,
    id: 'credentials-is-token',
    what: 'A token was given where the 1Password credentials file is expected.',
    fix: 'Give the token with --token, and the file with --credentials.',
  },
  {
    wrong: 'the Secret that was made of them',
    with: holding(
      (credentials) =>
        `apiVersion: v1\nkind: Secret\ndata:\n  1password-credentials.json: ${Buffer.from(credentials).toString('base64')}\n`,
    ),
    exit,
    id: 'credentials-is-manifest',
    what: 'A Kubernetes manifest was given where the 1Password credentials file is expected.',
    fix: 'kubectl get secret <name> -o jsonpath=',
  },
  {
    wrong: 'a web page',
    with: holding('<!doctype html><title>Sign in</title>'),
    exit,
    id: 'credentials-is-html',
    what: 'A web page was given where the 1Password credentials file is expected.',
    fix: again,
  },
  {
    wrong: 'a file that SOPS encrypted',
    with: edited((object) => ({ ...object, sops: { version: '3.9.0' } })),
    exit,
    id: 'credentials-encrypted',
    what: 'The 1Password credentials are encrypted.',
    fix: 'sops --decrypt <file> | eso-bootstrap init --credentials -',
  },
  {
    wrong: '50 MB',
    with: holding(Buffer.alloc(50 * 1024 * 1024, 'A')),
    exit: 'usage',
    id: 'credentials-too-large',
    what: '<here>/beside/credentials is larger than 1 MB.',
    fix: 'Name the right source with --credentials.',
  },
  {
    wrong: 'UTF-16, as PowerShell writes it',
    with: holding(Buffer.from('\ufeff{"verifier": {}}', 'utf16le')),
    exit: 'usage',
    id: 'credentials-not-text',
    what: 'The credentials from <here>/beside/credentials are not plain text.',
    fix: 'Save it again as UTF-8',
  },
  {
    wrong: 'a variable that is not set',
    with: () => ({ flags: { credentials: 'env:CONNECT_CREDENTIALS' } }),
    exit: 'usage',
    id: 'credentials-variable-unset',
    what: 'The environment variable CONNECT_CREDENTIALS, which should hold the credentials, is not set.',
    fix: 'Export it (export CONNECT_CREDENTIALS=…), or name another source with --credentials.',
  },
  {
    wrong: 'an empty standard input',
    with: () => ({ flags: { credentials: '-' }, stdin: '' }),
    exit: 'usage',
    id: 'credentials-empty',
    what: 'The 1Password credentials are empty.',
    fix: again,
  },
  {
    wrong: 'the credentials themselves on the command line',
    with: (at) => ({ flags: { credentials: at.secrets()[0] } }),
    exit: 'usage',
    id: 'value-instead-of-source',
    what: '--credentials takes the place where the secret is, not the secret itself.',
    why: 'A value on the command line stays in the shell history, and other users of this machine can see it. Regard it as leaked.',
    fix: 'Give a file, `-` for standard input, `env:NAME`, or `op://vault/item/field`.',
  },
  {
    wrong: 'their base64 on the command line',
    with: (at) => ({ flags: { credentials: Buffer.from(at.secrets()[0] ?? '').toString('base64') } }),
    exit: 'usage',
    id: 'value-instead-of-source',
    what: '--credentials takes the place where the secret is, not the secret itself.',
    fix: 'Give a file',
  },
  {
    wrong: 'an address',
    with: () => ({ flags: { credentials: 'https://vault.example.com/credentials.json' } }),
    exit: 'usage',
    id: 'source-malformed',
    what: '--credentials does not name a source.',
    why: 'An address cannot be read from.',
    fix: 'Give a file',
  },
]

refuses(rows)

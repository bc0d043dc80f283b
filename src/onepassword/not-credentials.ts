import { Failure } from '../failure.ts'
import { newCredentials } from './obtain.ts'

type Unwrapped = { object: Record<string, unknown> } | undefined

interface Stranger {
  id: string
  is: (text: string, object: Record<string, unknown> | undefined) => boolean
  what: string
  why?: string
  fix: string | readonly string[]
}

const has = (object: Record<string, unknown> | undefined, ...keys: string[]) =>
  object !== undefined && keys.every((key) => Object.hasOwn(object, key))

/** What people have given as credentials by mistake, each recognised before "this is not JSON" would be said of it. */
const strangers: Stranger[] = [
  {
    id: 'credentials-is-token',
    is: (text) => /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text) || text.startsWith('ops_'),
    what: 'A token was given where the 1Password credentials file is expected.',
    why: 'Connect needs both: the file 1password-credentials.json, and an access token.',
    fix: 'Give the token with --token, and the file with --credentials.',
  },
  {
    id: 'credentials-is-manifest',
    is: (text, object) => (has(object, 'apiVersion', 'kind') || /^apiVersion:/m.test(text)) && /\bkind["']?\s*:/.test(text),
    what: 'A Kubernetes manifest was given where the 1Password credentials file is expected.',
    why: 'The file 1Password offered for download is wanted, not the Secret that was made from it.',
    fix: "kubectl get secret <name> -o jsonpath='{.data.1password-credentials\\.json}' | eso-bootstrap init --credentials -",
  },
  {
    id: 'credentials-is-server-details',
    is: (text, object) =>
      has(object, 'id', 'name', 'state') || /^\[\s*\{[^}]*"tokens_version"/.test(text) || /^(Set up a Connect server|UUID:|ID:)/.test(text),
    what: 'What `op connect server` prints was given where the 1Password credentials file is expected.',
    why: '1Password shows the credentials only once, when the server is created; no command reads them again.',
    fix: newCredentials,
  },
  {
    id: 'credentials-encrypted',
    is: (text, object) => has(object, 'sops') || /^(-----BEGIN (AGE|PGP)|age-encryption\.org\/)/.test(text),
    what: 'The 1Password credentials are encrypted.',
    fix: 'sops --decrypt <file> | eso-bootstrap init --credentials -',
  },
  {
    id: 'credentials-is-key',
    is: (text) => text.startsWith('-----BEGIN '),
    what: 'A key or certificate was given where the 1Password credentials file is expected.',
    fix: 'Give the file 1password-credentials.json.',
  },
  {
    id: 'credentials-is-html',
    is: (text) => text.startsWith('<'),
    what: 'A web page was given where the 1Password credentials file is expected.',
    why: 'The download was probably answered with a page to sign in.',
    fix: newCredentials,
  },
]

/** Throws the Failure that says what this is, if it is something else than credentials and one that is known. */
export function refuseOthers(text: string, unwrapped: Unwrapped): void {
  const bare = text.replace(/^\uFEFF/, '').trim()
  const stranger = strangers.find((each) => each.is(bare, unwrapped?.object))
  if (stranger === undefined) return
  const { id, what, why, fix } = stranger
  throw new Failure({ id, exit: 'blocked', what, ...(why === undefined ? {} : { why }), fix: [...[fix].flat()] })
}

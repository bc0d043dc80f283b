import { Failure } from '../failure.ts'
import { Secret } from '../secret.ts'
import { unwrapObject } from './base64.ts'
import { refuseOthers } from './not-credentials.ts'
import { newCredentials } from './obtain.ts'

export interface Credentials {
  /** The JSON text as it was given, without base64 and byte order mark. */
  content: Secret
  notes: string[]
}

/**
 * What every credentials file has; `encCredentials.cty` and the like are left out, because Connect's needs aren't
 * documented. Shape: https://github.com/1Password/connect-helm-charts/issues/60
 */
const parts = [
  'verifier.salt',
  'verifier.localHash',
  'encCredentials.kid',
  'encCredentials.enc',
  'encCredentials.iv',
  'encCredentials.data',
  'version',
  'deviceUuid',
  'uniqueKey.alg',
  'uniqueKey.k',
  'uniqueKey.kty',
] as const

/**
 * Takes `1password-credentials.json` as 1Password made it, or with one or two layers of base64, and checks its shape.
 * Throws a Failure that says what it is instead, or which parts are missing.
 */
export function parseCredentials(raw: Secret): Credentials {
  const text = raw.reveal()
  if (text.trim() === '') {
    throw new Failure({ id: 'credentials-empty', exit: 'usage', what: 'The 1Password credentials are empty.', fix: [...newCredentials] })
  }
  const found = unwrapObject(text)
  refuseOthers(text, found)
  if (found === undefined) throw notJson(text)
  checkShape(found.object)
  return { content: new Secret(found.text), notes: found.layers === 0 ? [] : [unwrapped[found.layers]] }
}

const unwrapped = {
  1: 'The credentials were given as base64; they were decoded.',
  2: 'The credentials were given as base64 of base64, as in the data of a Secret; they were decoded twice.',
} as const

function notJson(text: string): Failure {
  const cut = /^\s*\{/.test(text) && !/\}\s*$/.test(text)
  return new Failure({
    id: cut ? 'credentials-truncated' : 'credentials-not-json',
    exit: 'blocked',
    what: cut ? 'The 1Password credentials end in the middle.' : 'The 1Password credentials are not JSON.',
    why: cut
      ? 'The JSON begins but has no end: the file was cut off, or only a part of it was copied.'
      : 'A credentials file is one JSON object, or the base64 of one, exactly as 1Password offered it for download.',
    fix: [...newCredentials],
  })
}

function checkShape(object: Record<string, unknown>): void {
  const missing = parts.filter((part) => !isText(valueAt(object, part)) && !(part === 'version' && object['version'] === 2))
  if (missing.length > 0) {
    throw new Failure({
      id: 'credentials-incomplete',
      exit: 'blocked',
      what: `The 1Password credentials lack ${missing.join(', ')}.`,
      why: 'Connect cannot decrypt its key without every part of the file.',
      fix: [...newCredentials],
    })
  }
  if (object['version'] !== '2') {
    const number = object['version'] === 2
    throw new Failure({
      id: 'credentials-version',
      exit: 'blocked',
      what: number ? 'The version in the 1Password credentials is a number.' : 'The version in the 1Password credentials is not "2".',
      why: number ? 'Connect reads the text "2" there; a tool that rewrote the file changed it.' : 'Connect reads files of version "2".',
      fix: number ? 'Use the file as 1Password offered it for download, untouched.' : [...newCredentials],
    })
  }
}

function valueAt(object: Record<string, unknown>, path: string): unknown {
  let value: unknown = object
  for (const key of path.split('.')) {
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
  }
  return value
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

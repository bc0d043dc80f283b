import { Secret } from '../secret.ts'
import { decodeBase64, unwrapObject } from './base64.ts'
import { parseCredentials } from './credentials.ts'
import { parseToken } from './token.ts'

/** What a file may hold that should be in no repository: the Connect credentials, or a token that Connect would take now. */
export type Lying = 'credentials' | 'token'

/**
 * An extended regular expression that the text of each of them matches, plain or in base64 of one or two layers: `encCredentials`,
 * or the beginning of a JSON object. Most of what it finds is something else.
 */
export const mayLie = 'encCredentials|eyJ[A-Za-z0-9_-]{20}|ZXlK[A-Za-z0-9+/]{20}|ew(o|og|0K)[A-Za-z0-9+/]{20}|ZXd[A-Za-z0-9+/]{20}'

/** Which of them this text is, as it stands or in base64. Tokens that have expired do no harm. */
export function lyingIn(text: string, now: Date): Lying | undefined {
  if (unwrapObject(text)?.object['encCredentials'] !== undefined)
    return whole(() => parseCredentials(new Secret(text))) ? 'credentials' : undefined
  const layers = [text.trim(), decodeBase64(text)?.trim(), decodeBase64(decodeBase64(text) ?? '')?.trim()]
  const token = layers.find((each) => each?.split('.').length === 3 && each.startsWith('eyJ'))
  return token !== undefined && whole(() => parseToken(new Secret(token), now)) ? 'token' : undefined
}

function whole(parse: () => unknown): boolean {
  try {
    parse()
    return true
  } catch {
    return false
  }
}

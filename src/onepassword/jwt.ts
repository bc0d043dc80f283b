import { parseObject } from './base64.ts'
import { notJwt, refusal } from './token-refusal.ts'

/** The claims of a JWT signed with ES256, https://www.rfc-editor.org/rfc/rfc7519. What was cut off is never accepted. */
export function claimsOf(value: string): Record<string, unknown> {
  const segments = value.split('.')
  const [header, payload, signature] = segments.map(bytesOf)
  if (segments.length !== 3) throw notJwt(`A Connect token has three parts with dots between them; this has ${segments.length}.`)
  const head = parseObject(header?.toString() ?? '')
  const claims = parseObject(payload?.toString() ?? '')
  if (head === undefined || claims === undefined) throw notJwt('Its parts cannot be decoded: characters were lost or changed.')
  if (head['alg'] !== 'ES256') {
    throw refusal(
      'token-not-es256',
      'The token is not signed the way Connect tokens are.',
      'They are signed with ES256; it is the token of another product, such as a Kubernetes service account.',
    )
  }
  // Two numbers of 32 bytes, https://www.rfc-editor.org/rfc/rfc7518#section-3.4
  if (signature?.length !== 64)
    throw refusal('token-truncated', 'The end of the token is missing or damaged.', 'Its signature is not whole.')
  return claims
}

/** Undefined unless it is base64url to the letter: Buffer would skip what it doesn't know. */
function bytesOf(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, 'base64url')
  return segment !== '' && bytes.toString('base64url') === segment ? bytes : undefined
}

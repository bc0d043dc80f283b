import { makeToken } from '../canary.ts'

/** The token with another header or other claims; its signature is whole but doesn't belong to it any more. */
export function altered(change: { header?: object; claims?: object }, token = makeToken()): string {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const mix = (part: string, more: object = {}) =>
    Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...more })).toString('base64url')
  return [mix(header, change.header), mix(claims, change.claims), signature].join('.')
}

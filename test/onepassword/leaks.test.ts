import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { parseCredentials } from '../../src/onepassword/credentials.ts'
import { encodeCredentials, sameCredentials } from '../../src/onepassword/encoding.ts'
import { readSource } from '../../src/onepassword/read-source.ts'
import { parseSource } from '../../src/onepassword/source.ts'
import { parseToken } from '../../src/onepassword/token.ts'
import { Secret } from '../../src/secret.ts'
import { findCanary, makeCredentials, makeToken } from '../canary.ts'
import { altered } from './altered.ts'

const token = makeToken()
const credentials = makeCredentials()
const secrets = [token, credentials]
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Everything in which a value could be shown to somebody. */
function shown(value: unknown): string {
  const fields = value instanceof Failure ? [value.stack, value.message, value.why, ...value.fix, String(value)] : [String(value)]
  return [...fields, JSON.stringify(value), inspect(value, { depth: 20, showHidden: true })].join('\n')
}

async function outcome(act: () => unknown): Promise<unknown> {
  try {
    return await act()
  } catch (error) {
    return error
  }
}

/** Secrets as they come after copying, editing, converting and mixing up. */
const mangled = fc
  .tuple(
    fc.constantFrom(token, credentials, base64(credentials), base64(base64(credentials)), JSON.stringify(JSON.parse(credentials), null, 2)),
    fc.array(
      fc.record({
        at: fc.nat(3000),
        remove: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(2000)),
        insert: fc.oneof(
          fc.constantFrom('\n', ' ', '.', '"', '{', '}', ',', '\\', '\0', '\uFEFF', '-----BEGIN ', 'ops_', 'kind: Secret\n'),
          fc.string(),
        ),
      }),
      { maxLength: 3 },
    ),
  )
  .map(([whole, edits]) =>
    edits.reduce((text, { at, remove, insert }) => {
      const from = at % (text.length + 1)
      return text.slice(0, from) + insert + text.slice(from + remove)
    }, whole),
  )

const ports = (text: string) => ({
  cwd: '/nowhere',
  env: { VALUE: text },
  stdin: async () => text,
  op: { read: async () => new Secret(text) },
})

describe('whatever is given', () => {
  const wanted = parseCredentials(new Secret(credentials))
  const ways: [string, (text: string) => unknown][] = [
    ['the token', (text) => parseToken(new Secret(text), new Date())],
    ['the credentials', (text) => parseCredentials(new Secret(text))],
    ['a live Secret', (text) => sameCredentials(new Secret(text), wanted)],
    ['a variable', (text) => readSource({ kind: 'env', name: 'VALUE' }, ports(text), 'token')],
    ['standard input', (text) => readSource({ kind: 'stdin' }, ports(text), 'credentials')],
    ['what was typed', (text) => readSource({ kind: 'given', secret: new Secret(text), said: 'typed in' }, ports(text), 'token')],
  ]
  it.each(ways)('as %s: no secret is shown by what comes of it, and nothing but a Failure is thrown', async (_, way) => {
    await fc.assert(
      fc.asyncProperty(mangled, async (text) => {
        const came = await outcome(() => way(text))
        expect(came instanceof Error && !(came instanceof Failure)).toBe(false)
        expect(findCanary(shown(came), secrets)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('as a token with other claims: neither the bearer inside nor the rest is shown', () => {
    const claim = fc.constantFrom('aud', 'exp', 'nbf', 'iat', 'sub', 'jti', '1password.com/vts', '1password.com/auuid')
    fc.assert(
      fc.property(fc.dictionary(claim, fc.jsonValue()), (claims) => {
        let came: unknown
        try {
          came = parseToken(new Secret(altered({ claims }, token)), new Date())
        } catch (error) {
          came = error
        }
        expect(came instanceof Error && !(came instanceof Failure)).toBe(false)
        expect(findCanary(shown(came), secrets)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('as a source: a value that is whole, or has lost a few characters, is not shown', () => {
    fc.assert(
      fc.property(fc.constantFrom(token, credentials, base64(credentials)), fc.nat(40), fc.nat(40), (whole, start, end) => {
        let came: unknown
        try {
          came = parseSource(whole.slice(start, whole.length - end), '--token')
        } catch (error) {
          came = error
        }
        expect(came).toMatchObject({ id: 'value-instead-of-source' })
        expect(findCanary(shown(came), secrets)).toEqual([])
      }),
    )
  })
})

describe('what is accepted', () => {
  it('shows nothing of the secrets in it', () => {
    const accepted = parseCredentials(new Secret(credentials))
    const all = [
      accepted,
      encodeCredentials(accepted, 'environment'),
      parseToken(new Secret(token), new Date()),
      { kind: 'given', secret: new Secret(token), said: 'typed in' },
    ]
    for (const each of all) expect(findCanary(shown(each), secrets)).toEqual([])
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { parseCredentials } from '../../src/onepassword/credentials.ts'
import { Secret } from '../../src/secret.ts'
import { makeCredentials, makeToken } from '../canary.ts'
import { failureOf } from './failure-of.ts'

const parse = (text: string) => parseCredentials(new Secret(text))
const base64 = (text: string) => Buffer.from(text).toString('base64')
const wrapped = (text: string) => text.replace(/(.{76})/g, '$1\n')
const given = makeCredentials()

describe('credentials', () => {
  it.each([
    ['as 1Password made them', given],
    ['indented, with Windows line ends', `${JSON.stringify(JSON.parse(given), null, 2).replaceAll('\n', '\r\n')}\r\n`],
    ['with more parts than we know', JSON.stringify({ ...JSON.parse(given), newPart: { a: 1 } })],
  ])('%s are kept to the byte', (_, text) => {
    const credentials = parse(text)
    expect(credentials.content.reveal()).toBe(text)
    expect(credentials.notes).toEqual([])
  })

  it('lose a byte order mark, which is no part of JSON', () => {
    expect(parse(`\uFEFF${given}`).content.reveal()).toBe(given)
    expect(parse(base64(`\uFEFF${given}`)).content.reveal()).toBe(given)
  })

  const once = [
    base64(given),
    Buffer.from(given).toString('base64url'),
    `${base64(given)}\n`,
    wrapped(base64(given)),
    base64(given).replace(/=+$/, ''),
  ]
  it.each(once)('that are base64 already are decoded, with a word about it (%#)', (text) => {
    const credentials = parse(text)
    expect(credentials.content.reveal()).toBe(given)
    expect(credentials.notes).toEqual(['The credentials were given as base64; they were decoded.'])
  })

  const twice = [base64(base64(given)), base64(wrapped(base64(given))), wrapped(base64(base64(given))), base64(`${base64(given)}\n`)]
  it.each(twice)('that are base64 of base64 are decoded twice, with a word about it (%#)', (text) => {
    const credentials = parse(text)
    expect(credentials.content.reveal()).toBe(given)
    expect(credentials.notes[0]).toContain('decoded twice')
  })
})

describe('what are no credentials', () => {
  const manifest = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  1password-credentials.json: ${base64(base64(given))}\n`
  const version = (value: unknown) => JSON.stringify({ ...JSON.parse(given), version: value })
  const rows: [string, string, string, RegExp][] = [
    ['nothing', 'credentials-empty', '', /empty/],
    ['white space', 'credentials-empty', ' \r\n', /empty/],
    ['a token', 'credentials-is-token', makeToken(), /token was given/],
    ['a service-account token', 'credentials-is-token', 'ops_eyJzaWduSW5BZGRyZXNzIjoi', /token was given/],
    ['a manifest', 'credentials-is-manifest', manifest, /Kubernetes manifest/],
    ['a manifest after a document marker', 'credentials-is-manifest', `---\n${manifest}`, /Kubernetes manifest/],
    [
      'a manifest as JSON',
      'credentials-is-manifest',
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', data: {} }),
      /Kubernetes manifest/,
    ],
    [
      'what `op connect server get` prints',
      'credentials-is-server-details',
      '{"id":"X","name":"homelab","state":"ACTIVE","tokens_version":1}',
      /op connect server/,
    ],
    [
      'what `op connect server list` prints',
      'credentials-is-server-details',
      '[\n  {\n    "id": "X",\n    "tokens_version": 1\n  }\n]',
      /op connect server/,
    ],
    ['what `op connect server create` prints', 'credentials-is-server-details', 'Set up a Connect server.\nUUID: X\n', /op connect server/],
    ['a file that SOPS encrypted', 'credentials-encrypted', '{"verifier":"ENC[AES256_GCM,data:x]","sops":{"version":"3"}}', /encrypted/],
    ['a file that age encrypted', 'credentials-encrypted', 'age-encryption.org/v1\n-> X25519 x\n', /encrypted/],
    [
      'an SSH key',
      'credentials-is-key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n',
      /key or certificate/,
    ],
    ['a web page', 'credentials-is-html', '<!DOCTYPE html><html></html>', /web page/],
    ['words', 'credentials-not-json', 'swordfish and more', /not JSON/],
    ['a list', 'credentials-not-json', '[]', /not JSON/],
    ['null', 'credentials-not-json', 'null', /not JSON/],
    ['three layers of base64', 'credentials-not-json', base64(base64(base64(given))), /not JSON/],
    ['a file that was cut', 'credentials-truncated', given.slice(0, -20), /end in the middle/],
    ['an empty object', 'credentials-incomplete', '{}', /lack verifier\.salt, verifier\.localHash, encCredentials\.kid/],
    ['an object that inherits', 'credentials-incomplete', '{"__proto__":{"version":"2"}}', /lack .*version/],
    ['version as a number', 'credentials-version', version(2), /is a number/],
    ['another version', 'credentials-version', version('3'), /is not "2"/],
  ]

  it.each(rows)('%s is refused: %s', async (_, id, text, what) => {
    const failure = await failureOf(() => parse(text))
    expect(failure).toMatchObject({ id, exit: id === 'credentials-empty' ? 'usage' : 'blocked', message: expect.stringMatching(what) })
    expect(failure.fix.join('\n')).toMatch(/op connect server create|--credentials|1password-credentials|1Password offered/)
  })

  const parts = [
    'verifier.salt',
    'verifier.localHash',
    'encCredentials.kid',
    'encCredentials.enc',
    'encCredentials.iv',
    'encCredentials.data',
  ]
  it.each([...parts, 'version', 'deviceUuid', 'uniqueKey.alg', 'uniqueKey.k', 'uniqueKey.kty'])(
    'without %s they are refused, and it is named',
    async (part) => {
      const [first = '', second] = part.split('.')
      for (const value of [undefined, '', '  ', null, {}, 7, true]) {
        const whole = JSON.parse(given)
        if (second === undefined) whole[first] = value
        else whole[first][second] = value
        expect(await failureOf(() => parse(JSON.stringify(whole)))).toMatchObject({
          id: 'credentials-incomplete',
          message: `The 1Password credentials lack ${part}.`,
        })
      }
    },
  )

  it('are what is left of credentials that were cut, in any encoding', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(given, base64(given), base64(base64(given)), wrapped(base64(given))),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (whole, share) => {
          const end = Math.floor(whole.replace(/[=\s]+$/, '').length * share)
          if (end < whole.replace(/[=\s]+$/, '').length) expect(() => parse(whole.slice(0, end))).toThrow(Failure)
        },
      ),
      { numRuns: 500 },
    )
    for (let length = 0; length < given.length; length += 7) expect(() => parse(given.slice(0, length))).toThrow(Failure)
  })
})

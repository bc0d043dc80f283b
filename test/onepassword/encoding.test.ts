import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCredentials } from '../../src/onepassword/credentials.ts'
import { encodeCredentials, recogniseEncoding, sameCredentials } from '../../src/onepassword/encoding.ts'
import { Secret } from '../../src/secret.ts'
import { makeCredentials } from '../canary.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const text = makeCredentials()
const credentials = parseCredentials(new Secret(text))
const stored = (value: string) => sameCredentials(new Secret(value), credentials)

describe('encodeCredentials', () => {
  it('gives a mounted file the JSON, to the byte', () => {
    expect(encodeCredentials(credentials, 'file').reveal()).toBe(text)
  })

  it('gives an environment variable standard base64 on one line, padded', () => {
    const encoded = encodeCredentials(credentials, 'environment').reveal()
    expect(encoded).toMatch(/^eyJ[A-Za-z0-9+/]+={0,2}$/)
    expect(encoded.length % 4).toBe(0)
    expect(Buffer.from(encoded, 'base64').toString()).toBe(text)
  })

  it('comes back as the same credentials, whatever layers the file was given with', () => {
    const layers = fc.constantFrom(
      (value: string) => value,
      base64,
      (value: string) => base64(base64(value)),
    )
    fc.assert(
      fc.property(
        layers,
        fc.constantFrom('environment' as const, 'file' as const),
        fc.string({ unit: 'grapheme' }),
        (wrap, consumer, extra) => {
          const whole = JSON.stringify({ ...JSON.parse(makeCredentials()), extra }, null, 2)
          const given = parseCredentials(new Secret(wrap(whole)))
          const live = encodeCredentials(given, consumer)
          expect(sameCredentials(live, given)).toEqual({
            same: true,
            encoding: consumer === 'file' ? 'json' : 'base64',
            readableBy: consumer,
          })
          expect(parseCredentials(live).content.reveal()).toBe(whole)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('what a live Secret holds', () => {
  it.each([
    ['the JSON', text, { same: true, encoding: 'json', readableBy: 'file' }],
    ['the JSON, indented otherwise', JSON.stringify(JSON.parse(text), null, 4), { same: true, encoding: 'json', readableBy: 'file' }],
    ['base64', base64(text), { same: true, encoding: 'base64', readableBy: 'environment' }],
    ['base64 for URLs', Buffer.from(text).toString('base64url'), { same: true, encoding: 'base64', readableBy: 'environment' }],
    ['wrapped base64', base64(text).replace(/(.{76})/g, '$1\n'), { same: true, encoding: 'base64', readableBy: undefined }],
    ['base64 with a line end', `${base64(text)}\n`, { same: true, encoding: 'base64', readableBy: undefined }],
    ['base64 twice', base64(base64(text)), { same: true, encoding: 'double-base64', readableBy: undefined }],
    ['the JSON after a byte order mark', `\uFEFF${text}`, { same: true, encoding: 'json', readableBy: undefined }],
    ['base64 of a byte order mark and the JSON', base64(`\uFEFF${text}`), { same: true, encoding: 'base64', readableBy: undefined }],
    ['other credentials', base64(makeCredentials()), { same: false, encoding: 'base64', readableBy: 'environment' }],
    ['half of them', base64(text).slice(0, 200), { same: false, encoding: 'unknown', readableBy: undefined }],
    ['nothing', '', { same: false, encoding: 'unknown', readableBy: undefined }],
  ])('%s is told apart', (_, value, comparison) => {
    expect(stored(value)).toEqual(comparison)
    expect(recogniseEncoding(new Secret(value))).toBe(comparison.encoding)
  })
})

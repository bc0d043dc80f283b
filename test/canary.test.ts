import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCanary, makeCredentials, makeToken } from './canary.ts'

const token = makeToken()
const credentials = makeCredentials()
const secrets = [token, credentials]

describe('findCanary', () => {
  const forms: Record<string, (text: string) => string> = {
    raw: (text) => text,
    base64: (text) => Buffer.from(text).toString('base64'),
    base64url: (text) => Buffer.from(text).toString('base64url'),
    'base64 twice': (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
    hex: (text) => Buffer.from(text).toString('hex'),
    'upper-case hex': (text) => Buffer.from(text).toString('hex').toUpperCase(),
    'URL-escaped': encodeURIComponent,
    'JSON-escaped': JSON.stringify,
    'JSON-escaped twice': (text) => JSON.stringify(JSON.stringify(text)),
  }

  it.each(Object.keys(forms))('finds a secret, and any 60 characters of one, that is %s, wherever it stands', (name) => {
    fc.assert(
      fc.property(fc.nat(1), fc.nat(), fc.string(), fc.string(), (which, start, before, after) => {
        const secret = secrets[which] ?? ''
        const from = which === 0 ? secret.length - 60 - (start % 26) : secret.indexOf('"data":"') + 8 + (start % 600)
        const slice = secret.slice(from, from + 60)
        const form = forms[name] as (text: string) => string
        expect(findCanary(before + form(secret) + after, secrets)).toHaveLength(1)
        expect(findCanary(form(before + slice + after), secrets)).toHaveLength(1)
      }),
      { numRuns: 60 },
    )
  })

  it('tells which secret it is, and not the secret', () => {
    expect(findCanary(`x ${credentials} y`, secrets)).toEqual(['1 as raw'])
  })

  it('finds nothing in another token or other credentials: what all of them share is no secret', () => {
    for (let run = 0; run < 20; run++) expect(findCanary(makeToken() + makeCredentials(), [makeToken(), makeCredentials()])).toEqual([])
  })

  it('finds the bearer in the payload of a token, decoded or not', () => {
    const payload = token.split('.')[1] ?? ''
    expect(findCanary(payload, secrets)).toEqual(['0 as raw'])
    expect(findCanary(Buffer.from(payload, 'base64url'), secrets)).toEqual(['0 as raw'])
  })

  it('finds a short secret only whole', () => {
    expect(findCanary('the word is tr0ub4dor.', ['tr0ub4dor'])).toEqual(['0 as raw'])
    expect(findCanary('the word is tr0ub4do.', ['tr0ub4dor'])).toEqual([])
  })

  it('looks through a buffer of a megabyte in a moment', () => {
    const noise = randomBytes(750_000).toString('base64')
    expect(findCanary(Buffer.from(noise + token), secrets)).toEqual(['0 as raw'])
  })
})

describe('makeToken', () => {
  it('signs with ES256, with the claims of a Connect token', () => {
    const [header = '', payload = '', signature = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      kid: expect.stringMatching(/^[a-z2-7]{26}$/),
      typ: 'JWT',
    })
    // The length that people know from tokens cut at the first dot.
    expect(header).toHaveLength(83)
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      aud: ['com.1password.connect'],
      iss: 'com.1password.b5',
    })
    expect(Buffer.from(signature, 'base64url')).toHaveLength(64)
  })
})

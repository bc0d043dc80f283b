import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { parseToken } from '../../src/onepassword/token.ts'
import { makeId } from '../../src/sandbox/credentials.ts'
import { Secret } from '../../src/secret.ts'
import { makeCredentials, makeToken } from '../canary.ts'
import { altered as alter } from './altered.ts'
import { failureOf } from './failure-of.ts'

const now = new Date('2026-05-01T12:00:00Z')
const day = 24 * 60 * 60 * 1000
const at = (days: number) => new Date(now.getTime() + days * day)
const parse = (text: string) => parseToken(new Secret(text), now)
const made = (options: Parameters<typeof makeToken>[0] = {}) => makeToken({ issuedAt: at(-1), ...options })

const altered = (change: Parameters<typeof alter>[0]) => alter(change, made())

describe('a Connect token', () => {
  it('is taken apart: its id, server, account, dates and vaults', () => {
    const [id, server, account, vault] = [makeId(), makeId(), makeId(), makeId()]
    const text = made({ id, server, account, vaults: [{ id: vault.toUpperCase(), acl: 49152 }], expires: at(89) })
    const token = parse(text)
    expect(token).toMatchObject({ id, server, account, issuedAt: at(-1), expires: at(89), vaults: [{ id: vault, acl: 49152 }], notes: [] })
    expect(token.value.reveal()).toBe(text)
  })

  it('loses the white space around it, with a word about it', () => {
    const text = made()
    const token = parse(` \uFEFF${text}\r\n`)
    expect(token.value.reveal()).toBe(text)
    expect(token.notes).toEqual(['White space around the token was removed.'])
  })

  it('may have no end, which is said', () => {
    const token = parse(made({ expires: 'never' }))
    expect(token).not.toHaveProperty('expires')
    expect(token.notes[0]).toContain('never expires')
  })

  it('is warned about when it ends within a week', () => {
    expect(parse(made({ expires: at(6) })).notes).toEqual(['The token expires soon, on 2026-05-07.'])
  })

  it('may be from a clock that is a little ahead', () => {
    expect(parse(made({ notBefore: new Date(now.getTime() + 60_000) })).notes).toEqual([])
  })

  it('may leave out what we only show', () => {
    const token = parse(
      altered({
        claims: { sub: undefined, jti: undefined, '1password.com/auuid': undefined, '1password.com/vts': undefined, exp: undefined },
      }),
    )
    expect(token).toMatchObject({ id: 'unknown', server: 'unknown', vaults: [] })
    expect(token.notes).toContain('The token does not say which vaults it may read.')
  })

  it('has an audience that is a list or a text', () => {
    expect(parse(altered({ claims: { aud: 'com.1password.connect', exp: undefined } })).server).toMatch(/^[a-z2-7]{26}$/)
  })

  it('shows nothing of a claim that has not the form of an id', () => {
    const token = parse(
      altered({ claims: { sub: '\u001b[31mred', jti: 'a b', '1password.com/vts': [null, 7, { u: 'x\ny' }], exp: undefined } }),
    )
    expect(token).toMatchObject({ id: 'unknown', server: 'unknown', vaults: [] })
  })
})

describe('what is no Connect token', () => {
  const [header = '', claims = '', signature = ''] = made().split('.')
  const rows: [string, string, string, RegExp][] = [
    ['nothing', 'token-empty', '', /empty/],
    ['white space', 'token-empty', ' \r\n\t', /empty/],
    ['a stub that ends at the first dot', 'token-stub', header, /first part/],
    ['a stub of another length', 'token-stub', Buffer.from('{"alg":"ES256","kid":"short"}').toString('base64url'), /first part/],
    ['83 characters of anything', 'token-stub', 'x'.repeat(83), /first part/],
    ['a service-account token', 'token-service-account', `ops_${claims}`, /service-account/],
    [
      'a token with a line break inside',
      'token-whitespace',
      `${header}.${claims.slice(0, 40)}\n${claims.slice(40)}.${signature}`,
      /line break/,
    ],
    ['a token with a blank inside', 'token-whitespace', `${header}. ${claims}.${signature}`, /white space/],
    ['two tokens', 'token-whitespace', `${made()}\n${made()}`, /white space/],
    ['a token in quotes', 'token-not-jwt', `"${made()}"`, /not a Connect token/],
    ['a token after Bearer', 'token-not-jwt', `Bearer ${made()}`, /not a Connect token/],
    ['a token that ended yesterday', 'token-expired', made({ expires: at(-1) }), /since 2026-04-30/],
    ['a token that ends now', 'token-expired', made({ expires: now }), /since 2026-05-01/],
    ['a token that begins tomorrow', 'token-not-yet-valid', made({ notBefore: at(1) }), /not valid before 2026-05-02/],
    ['a token for another audience', 'token-audience', made({ audience: ['com.1password.scim'] }), /not for 1Password Connect/],
    ['a token without an audience', 'token-audience', altered({ claims: { aud: undefined } }), /not for 1Password Connect/],
    ['a word', 'token-not-jwt', 'swordfish', /not a Connect token/],
    ['two parts', 'token-not-jwt', `${header}.${claims}`, /not a Connect token/],
    ['five parts', 'token-not-jwt', `${made()}.${header}.${claims}`, /not a Connect token/],
    ['an empty part', 'token-not-jwt', `${header}..${signature}`, /not a Connect token/],
    ['parts that are no JSON', 'token-not-jwt', 'aGVsbG8.aGVsbG8.aGVsbG8', /not a Connect token/],
    [
      'an invisible character inside',
      'token-not-jwt',
      `${header}.${claims.slice(0, 40)}\u200b${claims.slice(40)}.${signature}`,
      /not a Connect token/,
    ],
    ['padding that does not belong there', 'token-not-jwt', `${header}=.${claims}.${signature}`, /not a Connect token/],
    ['a date that is none', 'token-not-jwt', altered({ claims: { exp: 'tomorrow' } }), /not a Connect token/],
    ['a date beyond all dates', 'token-not-jwt', altered({ claims: { exp: 1e300 } }), /not a Connect token/],
    ['a web page', 'token-not-jwt', '<!doctype html>\n<title>Sign in</title>', /not a Connect token/],
    ['a private key', 'token-not-jwt', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n', /not a Connect token/],
    ['other JSON', 'token-not-jwt', '[{"id":"x","state":"ACTIVE"}]', /not a Connect token/],
    ['a token signed otherwise', 'token-not-es256', altered({ header: { alg: 'RS256' } }), /not signed the way/],
    ['a token that is not signed', 'token-not-es256', altered({ header: { alg: 'none' } }), /not signed the way/],
    ['a token without its last character', 'token-truncated', made().slice(0, -1), /end of the token/],
    ['a token without its signature', 'token-truncated', `${header}.${claims}.`, /end of the token/],
    ['a token with a character too many', 'token-truncated', `${made()}A`, /end of the token/],
    ['the credentials file', 'token-is-credentials', makeCredentials(), /credentials file/],
    ['the credentials file, indented', 'token-is-credentials', JSON.stringify(JSON.parse(makeCredentials()), null, 2), /credentials file/],
    ['the credentials file, cut', 'token-is-credentials', makeCredentials().slice(0, 200), /credentials file/],
    ['the credentials file as base64', 'token-is-credentials', Buffer.from(makeCredentials()).toString('base64'), /credentials file/],
  ]

  it.each(rows)('%s is refused: %s', async (_, id, text, what) => {
    const failure = await failureOf(() => parse(text))
    expect(failure).toMatchObject({
      id,
      exit: id === 'token-empty' ? 'usage' : 'blocked',
      message: expect.stringMatching(what),
      why: expect.any(String),
    })
    expect(failure.fix.join('\n')).toMatch(/--expires-in 90d|--token|clock/)
  })

  it('gets the way to a new one, with the server and the vaults that are known', async () => {
    const [server, vault] = [makeId(), makeId()]
    const failure = await failureOf(() => parse(made({ server, vaults: [{ id: vault }], expires: at(-3) })))
    expect(failure.fix).toEqual([
      `op connect token create eso-bootstrap --server ${server} --vault ${vault} --expires-in 90d`,
      'or in the browser: 1Password.com, Developer, the Connect server, New Token',
    ])
    expect((await failureOf(() => parse('swordfish'))).fix[0]).toContain('--server <server> --vault <vault> --expires-in 90d')
  })

  it('is never what is left of a token that was cut, at either end or in the middle', () => {
    const whole = made()
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length), (from, to) => {
        const [start, end] = [Math.min(from, to), Math.max(from, to)]
        if (end === start) return
        if (start > 0 || end < whole.length) expect(() => parse(whole.slice(start, end))).toThrow(Failure)
      }),
      { numRuns: 500 },
    )
    for (let length = 0; length < whole.length; length++) expect(() => parse(whole.slice(0, length))).toThrow(Failure)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { legacySources } from '../../src/onepassword/legacy.ts'
import { describeSource, parseSource } from '../../src/onepassword/source.ts'
import { Secret } from '../../src/secret.ts'
import { findCanary, makeCredentials, makeToken } from '../canary.ts'
import { failureOf } from './failure-of.ts'

const token = makeToken()
const credentials = makeCredentials()
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('parseSource', () => {
  const files = [
    '1password-credentials.json',
    './ops_token',
    '../eyJ.txt',
    '~/.config/1Password/Connect/1password-credentials.json',
    '/home/user/a b/Ünïcode/token.txt',
    '/nix/store/0c2q8vq1zzlb6m2gf4d4mvrx3i2l7k1n-1Password-credentials/file',
    '/dev/fd/63',
    'C:\\Users\\me\\token.txt',
    'infrastructure/base/external-secrets/onepassword-connect/1password-credentials.json',
    '1Password-credentials-production-cluster-homelab-2026-05-01.json',
  ]
  it.each(files)('takes the path %s', (path) => {
    expect(parseSource(path, '--token')).toEqual({ kind: 'file', path })
    expect(describeSource(parseSource(path, '--token'))).toBe(path)
  })

  it.each([
    ['-', { kind: 'stdin' }, 'standard input'],
    [' - ', { kind: 'stdin' }, 'standard input'],
    ['env:OP_CONNECT_TOKEN', { kind: 'env', name: 'OP_CONNECT_TOKEN' }, 'env:OP_CONNECT_TOKEN'],
    [
      'op://homelab/Connect token/credential',
      { kind: 'op', reference: 'op://homelab/Connect token/credential' },
      'op://homelab/Connect token/credential',
    ],
    ['op://v/i/section/field', { kind: 'op', reference: 'op://v/i/section/field' }, 'op://v/i/section/field'],
    [
      'op://2k3cpsfz5kkw2agt3bgmvbhxee/6rcgl4xd3x2yt5rvvyqmzpo4mi/1password-credentials.json',
      { kind: 'op' },
      expect.stringMatching(/^op:/),
    ],
    ['op://v/i/file?attribute=content', { kind: 'op' }, 'op://v/i/file?attribute=content'],
  ])('takes %s', (text, source, said) => {
    expect(parseSource(text, '--token')).toMatchObject(source)
    expect(describeSource(parseSource(text, '--token'))).toEqual(said)
  })

  it('describes what was typed without showing it', () => {
    expect(describeSource({ kind: 'given', secret: new Secret(token), said: 'typed in' })).toBe('typed in')
  })

  it('shows no control characters of a path', () => {
    expect(describeSource({ kind: 'file', path: 'a\u001b[31m\u0007b' })).toBe('ab')
  })

  it.each([
    ['source-empty', ''],
    ['source-empty', '   '],
    ['source-malformed', 'env:'],
    ['source-malformed', 'env:MY TOKEN'],
    ['source-malformed', 'op://vault'],
    ['source-malformed', 'op://vault/item'],
    ['source-malformed', 'op://vault//field'],
    ['source-malformed', 'op://a/b/c/d/e'],
    ['source-malformed', 'https://example.com/token'],
    ['source-malformed', 'file:///tmp/token'],
  ])('refuses with %s: %j', async (id, text) => {
    const failure = await failureOf(() => parseSource(text, '--credentials'))
    expect(failure).toMatchObject({ id, exit: 'usage', message: expect.stringContaining('--credentials') })
    expect(failure.fix[0]).toContain('op://vault/item/field')
  })

  const pasted: [string, string][] = [
    ['a token', token],
    ['the first part of one', token.slice(0, 83)],
    ['the middle of one', token.slice(100, 160)],
    ['a token after env:', `env:${token}`],
    ['the middle of one after env:', `env:${'Q7f3Kp2mX9aB4cD1eF6gH8jL0nP5rS'}`],
    ['a token after op://', `op://${token}`],
    ['the start of a token', 'eyJhbGciOi'],
    ['a service-account token', 'ops_eyJzaWdu'],
    ['an Authorization header', 'Bearer abc'],
    ['the credentials', credentials],
    ['a part of them', credentials.slice(20, 80)],
    ['base64 of them', base64(credentials)],
    ['base64 of base64', base64(base64(credentials))],
    ['wrapped base64', base64(credentials).replace(/(.{76})/g, '$1\n')],
    ['a part of the base64', base64(credentials).slice(301, 361)],
    ['two lines', 'one\ntwo'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['something long', 'word '.repeat(300)],
  ]
  it.each(pasted)('refuses %s without repeating it', async (_, text) => {
    const failure = await failureOf(() => parseSource(text, '--token'))
    expect(failure).toMatchObject({ id: 'value-instead-of-source', exit: 'usage', message: expect.stringContaining('--token') })
    expect(findCanary(shown(failure), [token, credentials, text.trim()])).toEqual([])
  })

  it('refuses every stretch of sixty characters of a token or of credentials', () => {
    const secret = fc.constantFrom(token, credentials, base64(credentials), base64(base64(credentials)))
    fc.assert(
      fc.property(secret, fc.nat(), fc.integer({ min: 60, max: 2000 }), fc.constantFrom('', 'env:'), (whole, start, length, before) => {
        const from = start % (whole.length - 60)
        const slice = whole.slice(from, from + length)
        // A slice that happens to begin with a slash looks like a path: its first hundred characters do give it away.
        if (/^[/~.]/.test(slice) && length < 500) return
        let refused: unknown
        try {
          parseSource(before + slice, '--token')
        } catch (error) {
          refused = error
        }
        expect(refused).toBeInstanceOf(Failure)
        const text = shown(refused as Failure)
        expect(findCanary(text, [token, credentials])).toEqual([])
        expect(text).not.toContain(slice.slice(0, 12))
        expect(text).not.toContain(slice.slice(-12))
      }),
      { numRuns: 500 },
    )
  })
})

describe('legacySources', () => {
  it('takes what the old script took', () => {
    expect(legacySources({ OP_CREDENTIALS_FILE: 'creds.json', OP_CONNECT_TOKEN: token })).toEqual({
      credentials: { kind: 'file', path: 'creds.json' },
      token: { kind: 'env', name: 'OP_CONNECT_TOKEN' },
    })
  })

  it('takes nothing from variables that are unset or empty', () => {
    expect(legacySources({ OP_CREDENTIALS_FILE: '', OP_CONNECT_TOKEN: ' ' })).toEqual({})
  })

  it('refuses the credentials themselves where their path is expected', async () => {
    const failure = await failureOf(() => legacySources({ OP_CREDENTIALS_FILE: credentials }))
    expect(failure).toMatchObject({ id: 'value-instead-of-source', message: expect.stringContaining('OP_CREDENTIALS_FILE') })
  })
})

function shown(failure: Failure): string {
  return [failure.stack, failure.message, failure.why, ...failure.fix, JSON.stringify(failure)].join('\n')
}

import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandOf, opWords } from '../../src/onepassword/op-words.ts'
import { failureOf } from './failure-of.ts'

const token = { name: 'eso-bootstrap', server: 'mfzgs3tpmnugk4tfmrqxi33sn4', vaults: ['catalyst-eso'], expiresIn: '90d' }

describe('the words for op', () => {
  it('make a token that may only read, in every vault', () => {
    const words = opWords.createToken({ ...token, vaults: ['v3w5oq7hpcajybkkcyxz2m5c4u', 'catalyst-eso'] })
    expect(commandOf(words)).toBe(
      'op connect token create eso-bootstrap --server mfzgs3tpmnugk4tfmrqxi33sn4 ' +
        '--vault v3w5oq7hpcajybkkcyxz2m5c4u,r --vault catalyst-eso,r --expires-in 90d',
    )
  })

  it('delete a token of its server', () => {
    const words = opWords.deleteToken({ id: 'qwertyuiopasdfghjklzxcvbnm', server: 'home lab' })
    expect(commandOf(words)).toBe("op connect token delete qwertyuiopasdfghjklzxcvbnm --server 'home lab'")
  })

  it('make a server without a question, and delete one', () => {
    expect(commandOf(opWords.createServer({ name: 'homelab', vaults: ['a', 'b c'] }))).toBe(
      "op connect server create homelab --vaults 'a,b c' --force",
    )
    expect(commandOf(opWords.createServer({ name: 'homelab', vaults: [] }))).toBe('op connect server create homelab --force')
    expect(commandOf(opWords.deleteServer('homelab'))).toBe('op connect server delete homelab')
  })

  it('keep an item that comes through standard input, title and category included', () => {
    expect(commandOf(opWords.keep({ vault: 'catalyst-eso' }))).toBe('op item create - --vault catalyst-eso --format json')
    const item = { id: 'qwertyuiopasdfghjklzxcvbnm', vault: 'home lab' }
    expect(commandOf(opWords.discard(item))).toBe("op item delete qwertyuiopasdfghjklzxcvbnm --vault 'home lab'")
  })

  it.each([
    ['an empty name', () => opWords.createToken({ ...token, name: '' })],
    ['an option for a name', () => opWords.createToken({ ...token, name: '--help' })],
    ['an option for a token', () => opWords.deleteToken({ id: '-', server: 'x' })],
    ['an option for a server', () => opWords.deleteServer('-')],
    ['an option for a duration', () => opWords.createToken({ ...token, expiresIn: '-1d' })],
    ['a name with an escape sequence', () => opWords.createServer({ name: 'home\u001b[31mlab', vaults: [] })],
    ['a name that turns what follows', () => opWords.createServer({ name: 'home\u202elab', vaults: [] })],
    ['a name in two lines', () => opWords.createServer({ name: 'home\nlab', vaults: [] })],
    ['a token without a vault', () => opWords.createToken({ ...token, vaults: [] })],
    ['a vault that would be two', () => opWords.createServer({ name: 'homelab', vaults: ['a,b'] })],
    ['a vault that would be another with other rights', () => opWords.createToken({ ...token, vaults: ['a,w'] })],
    ['a vault that op would unquote', () => opWords.keep({ vault: '"a"' })],
  ])('refuse %s', async (_, make) => {
    expect(await failureOf(make)).toMatchObject({ id: 'op-word', exit: 'usage' })
  })

  it('tell how else a vault can be named', async () => {
    const failure = await failureOf(() => opWords.keep({ vault: 'a,b' }))
    expect(failure.message).toBe('op cannot be told “a,b” as it is.')
    expect(failure.fix).toEqual(['Name the vault by its id.', 'op vault list'])
  })
})

describe('commandOf', () => {
  it('is read back by a shell as the same words', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (words) => {
        const script = `op() { printf '%s\\0' "$@"; }; ${commandOf(words)}`
        expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(words.map((word) => `${word}\0`).join(''))
      }),
      { numRuns: 50 },
    )
  })
})

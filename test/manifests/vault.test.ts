import { describe, expect, test } from 'vitest'
import { parseVaults } from '../../src/manifests/vault.ts'
import { refused } from './refused.ts'

describe('parseVaults', () => {
  test.each<[args: string[], wanted: Record<string, number>]>([
    [['catalyst-eso'], { 'catalyst-eso': 1 }],
    [['a', 'b', 'c'], { a: 1, b: 2, c: 3 }],
    [['a', 'b=1', 'c'], { a: 2, b: 1, c: 3 }],
    [['a=10', 'b', 'c=-1', 'd=0'], { a: 10, b: 1, c: -1, d: 0 }],
    [['Home Lab=2'], { 'Home Lab': 2 }],
    [['a=b=3'], { 'a=b': 3 }],
    [['a=b=3=1'], { 'a=b=3': 1 }],
    [['VDI3GQ7R2QKMRKJZHBKQ2WXG2E'], { vdi3gq7r2qkmrkjzhbkq2wxg2e: 1 }],
    [['Vdi3gq7r2qkmrkjzhbkq2wxg2e'], { Vdi3gq7r2qkmrkjzhbkq2wxg2e: 1 }],
    [['Home', 'home'], { Home: 1, home: 2 }],
    [['🔑'.repeat(255)], { ['🔑'.repeat(255)]: 1 }],
    [[], {}],
  ])('%j', (args, wanted) => {
    expect(Object.fromEntries(parseVaults(args).map(({ key, order }) => [key, order]))).toEqual(wanted)
  })

  test.each([
    ['vault-empty', ['']],
    ['vault-empty', ['a', '  ']],
    ['vault-empty', ['=1']],
    ['vault-twice', ['a', 'b', 'a']],
    ['vault-twice', ['VDI3GQ7R2QKMRKJZHBKQ2WXG2E', 'vdi3gq7r2qkmrkjzhbkq2wxg2e']],
    ['vault-order-twice', ['a=2', 'b=2']],
    ['vault-too-long', ['x'.repeat(256)]],
    ['vault-control-character', ['a\nb']],
    ['vault-control-character', ['a\u0000']],
    ['vault-control-character', ['a\u001b[31m']],
    ['vault-control-character', ['a\u2028b']],
    ['vault-not-utf8', ['K\uFFFDche']],
    ['vault-substitution', [`\${CLUSTER}`]],
    ['vault-quote', ['my "vault"']],
    ['vault-order-not-a-number', ['a=b']],
    ['vault-order-not-a-number', ['a=']],
    ['vault-order-not-a-number', ['a=1.5']],
    ['vault-order-not-a-number', ['a=1e3']],
    ['vault-order-not-a-number', ['a=99999999999999999999']],
  ])('%s: %j', (id, args) => {
    expect(refused(() => parseVaults(args))).toMatchObject({ id, exit: 'usage' })
  })

  test('a title with = in it is told how to be written', () => {
    expect(refused(() => parseVaults(['a=b'])).fix).toEqual([
      "--vault 'a=1'",
      'If the title itself is "a=b", add its order: --vault \'a=b=1\'',
    ])
  })

  test('what is too long to be a title is not echoed: it may be a secret', () => {
    const pasted = `eyJ${'A'.repeat(300)}`
    const failure = refused(() => parseVaults(['a', pasted]))
    expect(failure.message).toBe('Vault 2 is longer than 255 characters.')
    expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain('eyJA')
  })
})

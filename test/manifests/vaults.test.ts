import { describe, expect, test } from 'vitest'
import { parseVaults } from '../../src/manifests/vault.ts'
import { setVaults } from '../../src/manifests/vaults.ts'
import { storeText, withVaults } from './store-text.ts'

function patched(text: string, ...args: string[]): string {
  const path = 'secretstores/store.yaml'
  const vaults = parseVaults(args)
  const after = setVaults({ path, text }, vaults)
  expect(setVaults({ path, text: after }, vaults)).toBe(after)
  return after
}

describe('the keys are renamed where they stand', () => {
  test.each([
    [
      'one vault, and the placeholder note stays',
      withVaults("homelab: 1 # Replace '1' with your actual vault ID"),
      withVaults("catalyst-eso: 1 # Replace '1' with your actual vault ID"),
    ],
    ['a bare 1 is a wrong name, not an id', withVaults('1: 1'), withVaults('catalyst-eso: 1')],
    ['the order is set too', withVaults('homelab: 7   # first'), withVaults('catalyst-eso: 1   # first')],
    ['the order alone', withVaults('catalyst-eso: 3'), withVaults('catalyst-eso: 1')],
    ['an order that is text', withVaults('catalyst-eso: "1"'), withVaults('catalyst-eso: 1')],
    ['no order', withVaults('homelab: # which?'), withVaults('catalyst-eso: 1 # which?')],
    ['an order that is null', withVaults('homelab: ~'), withVaults('catalyst-eso: 1')],
    [
      'a commented alternative',
      withVaults('# Homelab: 2', 'homelab: 1', '# old: 3').replace('connectHost', '# connectHost: http://10.0.0.1\n      connectHost'),
      withVaults('# Homelab: 2', 'catalyst-eso: 1', '# old: 3').replace('connectHost', '# connectHost: http://10.0.0.1\n      connectHost'),
    ],
    ['single quotes stay', withVaults("'Home Lab': 1"), withVaults("'catalyst-eso': 1")],
    ['double quotes stay', withVaults('"Home Lab": 1'), withVaults('"catalyst-eso": 1')],
    ['flow style', storeText('      vaults: {homelab:   1} # one\n'), storeText('      vaults: {catalyst-eso:   1} # one\n')],
    ['a merge key', `x: &v {a: 1}\n${withVaults('<<: *v')}`, `x: &v {a: 1}\n${withVaults('catalyst-eso: 1')}`],
    ['a placeholder', withVaults('<vault>: 1'), withVaults('catalyst-eso: 1')],
    ['no final newline', withVaults('your-vault: 1').trimEnd(), withVaults('catalyst-eso: 1').trimEnd()],
    ['CRLF', withVaults('a: 1 # x').replaceAll('\n', '\r\n'), withVaults('catalyst-eso: 1 # x').replaceAll('\n', '\r\n')],
    ['byte order mark', `\uFEFF${withVaults('a: 1')}`, `\uFEFF${withVaults('catalyst-eso: 1')}`],
    [
      'the API version stays',
      withVaults('a: 1').replace('io/v1', 'io/v1beta1'),
      withVaults('catalyst-eso: 1').replace('io/v1', 'io/v1beta1'),
    ],
  ])('%s', (_row, before, after) => {
    expect(patched(before, 'catalyst-eso')).toBe(after)
  })

  test('several vaults keep their notes', () => {
    expect(patched(withVaults('Apps: 1', 'Infra: 2   # fallback'), 'New', 'Old')).toBe(withVaults('New: 1', 'Old: 2   # fallback'))
  })

  test('what keeps its name keeps its line', () => {
    expect(patched(withVaults('Apps: 1 # a', 'Infra: 2 # i'), 'Infra', 'Apps')).toBe(withVaults('Apps: 2 # a', 'Infra: 1 # i'))
    expect(patched(withVaults('Apps: 2 # a', 'Infra: 1 # i'), 'One', 'Two')).toBe(withVaults('Two: 2 # a', 'One: 1 # i'))
  })

  test('auth before vaults', () => {
    const text = (vault: string) =>
      `kind: ClusterSecretStore\napiVersion: external-secrets.io/v1\nspec:\n  provider:\n    onepassword:\n      auth: {secretRef: {connectTokenSecretRef: {key: token, name: x}}}\n      vaults:\n        ${vault}: 1\n      connectHost: http://x\n`
    expect(patched(text('a'), 'b')).toBe(text('b'))
  })

  test('a store whose host and auth come through a merge key', () => {
    const text = (vault: string) =>
      `x: &base {connectHost: http://x, auth: {}}\napiVersion: external-secrets.io/v1\nkind: SecretStore\nspec:\n  provider:\n    onepassword:\n      <<: *base\n      vaults:\n        ${vault}: 1\n`
    expect(patched(text('a'), 'b')).toBe(text('b'))
  })

  test('what else a store may have stays', () => {
    const text = (vault: string) =>
      withVaults(`${vault}: 1`)
        .replace('  name: onepassword\n', '  name: onepassword\n  namespace: x\n  annotations: {argocd.argoproj.io/sync-wave: "1"}\n')
        .replace(
          'spec:\n',
          'spec:\n  controller: ""\n  refreshInterval: 60\n  retrySettings: {maxRetries: 5}\n  conditions:\n    - namespaces: [ a,b ]\n',
        )
    expect(patched(text('a'), 'b')).toBe(text('b'))
  })
})

describe('lines come and go', () => {
  test.each([
    ['one more', withVaults('a: 1 # note', '# b: 2'), ['x', 'z'], withVaults('x: 1 # note', 'z: 2', '# b: 2')],
    ['one less', withVaults('a: 1', 'b: 2 # fallback'), ['x'], withVaults('x: 1')],
    ['the first goes, the second is kept', withVaults('a: 1', 'b: 2 # fallback'), ['b=2'], withVaults('b: 2 # fallback')],
    ['flow, one more', storeText('      vaults: { a: 1 } # n\n'), ['x', 'z'], storeText('      vaults: { x: 1, z: 2 } # n\n')],
    ['flow, one less', storeText('      vaults: {a: 1, b: 2}\n'), ['x'], storeText('      vaults: {x: 1}\n')],
    ['{}', storeText('      vaults: {} # none\n'), ['x', 'z'], storeText('      vaults: # none\n        x: 1\n        z: 2\n')],
    ['nothing', storeText('      vaults:\n        # a: 1\n'), ['x'], storeText('      vaults:\n        x: 1\n        # a: 1\n')],
    ['null', storeText('      vaults: null\n'), ['x'], storeText('      vaults:\n        x: 1\n')],
    ['missing', storeText(''), ['x'], storeText('      vaults:\n        x: 1\n')],
    ['CRLF', withVaults('a: 1').replaceAll('\n', '\r\n'), ['x', 'z'], withVaults('x: 1', 'z: 2').replaceAll('\n', '\r\n')],
  ])('%s', (_row, before, args, after) => {
    expect(patched(before, ...args)).toBe(after)
  })

  test('at the end of a file without a final newline', () => {
    const text = (...vaults: string[]) =>
      `apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec:\n  provider:\n    onepassword:\n      connectHost: x\n      auth: {}\n      vaults:\n        ${vaults.join('\n        ')}`
    expect(patched(text('a: 1'), 'x', 'z')).toBe(text('x: 1', 'z: 2'))
    expect(patched(text('a: 1', 'b: 2', 'c: 3 # note'), 'x')).toBe(text('x: 1'))
  })

  test('the indentation of the file', () => {
    const text = (vaults: string) =>
      `apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec:\n    provider:\n        onepassword:\n            connectHost: x\n${vaults}            auth:\n                secretRef: {}\n`
    expect(patched(text(''), 'x')).toBe(text('            vaults:\n                x: 1\n'))
  })

  test('two spaces where the file shows no other', () => {
    const text = (vaults: string) =>
      `apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: \n  provider:\n    onepassword:\n      connectHost: x\n${vaults}      auth: {}\n`
    expect(patched(text(''), 'x')).toBe(text('      vaults:\n        x: 1\n'))
  })

  test('a store in flow style', () => {
    const text = (vaults: string) =>
      `{apiVersion: external-secrets.io/v1, kind: SecretStore, spec: {provider: {onepassword: {connectHost: x${vaults}, auth: {}}}}}\n`
    expect(patched(text(''), 'x')).toBe(text(', vaults: { x: 1 }'))
    expect(patched(text(', vaults: {}'), 'x')).toBe(text(', vaults: { x: 1 }'))
  })
})

describe('names that YAML would misread are quoted', () => {
  test.each([
    ['Home Lab', '"Home Lab"'],
    ['2024', '"2024"'],
    ['1', '"1"'],
    ['1e5', '"1e5"'],
    ['0X1F', '"0X1F"'],
    ['8E_0', '"8E_0"'],
    ['my_vault', 'my_vault'],
    ['1_000', '"1_000"'],
    ['2024-01-01', '"2024-01-01"'],
    ['yes', '"yes"'],
    ['No', '"No"'],
    ['on', '"on"'],
    ['y', '"y"'],
    ['null', '"null"'],
    ['true', '"true"'],
    ['~', '"~"'],
    ['a: b', '"a: b"'],
    ['a:b', '"a:b"'],
    ['a #b', '"a #b"'],
    ['*a', '"*a"'],
    ['&a', '"&a"'],
    ['!a', '"!a"'],
    ['%a', '"%a"'],
    ['@a', '"@a"'],
    ['-a', '"-a"'],
    ['<<', '"<<"'],
    ['=', '"="'],
    ['a, b', '"a, b"'],
    ['back\\slash', '"back\\\\slash"'],
    ["it's", '"it\'s"'],
    ['Küche', 'Küche'],
    ['home-ops', 'home-ops'],
    ['vdi3gq7r2qkmrkjzhbkq2wxg2e', 'vdi3gq7r2qkmrkjzhbkq2wxg2e'],
    ['12345678901234567890123456', '"12345678901234567890123456"'],
  ])('%s', (title, key) => {
    expect(patched(withVaults('homelab: 1'), `${title}=1`)).toBe(withVaults(`${key}: 1`))
    expect(patched(storeText('      vaults: {homelab: 1}\n'), `${title}=1`)).toBe(storeText(`      vaults: {${key}: 1}\n`))
  })

  test('in the quotes that are there', () => {
    expect(patched(withVaults("'homelab': 1"), "it's")).toBe(withVaults("'it''s': 1"))
  })

  test('a bare name that only looks right is quoted', () => {
    expect(patched(withVaults('2024: 1'), '2024')).toBe(withVaults('"2024": 1'))
    expect(patched(withVaults('yes: 1'), 'yes')).toBe(withVaults('"yes": 1'))
  })
})

describe('already so gives the very same text', () => {
  test.each([
    ['the same', withVaults('Apps: 1', 'Home Lab: 2')],
    ['in another order of lines', withVaults('"Home Lab":   2', 'Apps: 0x1 # first')],
    ['through an alias', `x: &v {Apps: 1, Home Lab: 2}\n${storeText('      vaults: *v\n')}`],
    ['flow', storeText('      vaults: { "Home Lab": 2, Apps: 1 }\n')],
  ])('%s', (_row, text) => {
    expect(patched(text, 'Apps', 'Home Lab')).toBe(text)
  })

  test('a key that is set through Flux substitution, if it is the very one that is wanted', () => {
    const text = withVaults(`"\${CLUSTER_NAME}": 1`)
    expect(setVaults({ path: 'a.yaml', text }, [{ key: `\${CLUSTER_NAME}`, order: 1 }])).toBe(text)
  })
})

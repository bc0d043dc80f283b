import { expect, it } from 'vitest'
import { lineOf } from '../../src/manifests/line.ts'

const text = `# A store.
kind: ClusterSecretStore
spec:
  provider:
    onepassword:
      connectHost: http://a
---
kind: SecretStore
spec:
  provider:
    onepassword:
      # Where Connect is.
      connectHost: http://b
      vaults:
        'one: two': 1
`
const host = ['spec', 'provider', 'onepassword', 'connectHost']

it.each<[what: string, line: number, path: string[], expected: number]>([
  ['of the first document', 2, host, 6],
  ['of the second document', 8, host, 13],
  ['under a key with a colon', 8, ['spec', 'provider', 'onepassword', 'vaults', 'one: two'], 15],
  ['of the nearest that is there', 8, ['spec', 'provider', 'onepassword', 'auth', 'secretRef'], 13],
  ['of a document that begins elsewhere: its own', 3, host, 3],
])('%s', (_, line, path, expected) => {
  expect(lineOf(text, line, ...path)).toBe(expected)
})

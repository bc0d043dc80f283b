import { expect, test } from 'vitest'
import { recognise } from '../../src/onepassword/troubles.ts'

const denied = 'using cluster store "onepassword" is not allowed from namespace "default": denied by spec.condition'
const missing = 'key not found in 1Password Vaults: my-app in: map[homelab:1]'

test('a store that is for other namespaces', () => {
  const found = recognise([`could not get secret data from provider: ${denied}`], { command: 'verify' })
  expect(found).toMatchObject({
    id: 'store-not-for-namespace',
    what: 'The ClusterSecretStore onepassword is not for the namespace default.',
  })
  expect(found?.fix).toContain('eso-bootstrap verify --namespace <one of them> …')
  expect(recognise([denied])?.fix).toEqual(['kubectl get clustersecretstores -o yaml'])
})

test('what to do next is for the command that is run', () => {
  const fixes = (text: string) =>
    [undefined, 'rotate-token', 'verify'].map((command) => recognise([text], command === undefined ? {} : { command })?.fix?.at(-1))
  expect(fixes(missing)).toEqual([
    'eso-bootstrap init --verify-item <item>/<field>',
    'op item list --vault <vault>',
    'eso-bootstrap verify --item <item>/<field>',
  ])
  expect(fixes('status 401: Invalid bearer token')).toEqual([
    'eso-bootstrap init --token <source> --replace',
    'eso-bootstrap rotate-token --token <source>',
    'eso-bootstrap rotate-token --token <source>',
  ])
})

test('what a cause ends with may be the command’s own', () => {
  expect([recognise([missing])?.exit, recognise([missing], { exit: 'blocked' })?.exit]).toEqual(['partly', 'blocked'])
})

import { describe, expect, test } from 'vitest'
import { parseVaults } from '../../src/manifests/vault.ts'
import { setVaults, vaultsOf } from '../../src/manifests/vaults.ts'
import { refused } from './refused.ts'
import { storeText, withVaults } from './store-text.ts'

const vaults = parseVaults(['catalyst-eso'])
const path = 'secretstores/store.yaml'
const patched = (text: string) => setVaults({ path, text }, vaults)
const before = withVaults('homelab: 1')
const after = withVaults('catalyst-eso: 1')

const external = `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: example
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: onepassword
  target:
    template:
      data:
        url: "https://{{ .user }}@onepassword" # - {{ .x }}
`
const hashicorp = `apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: vault}
spec:
  provider:
    vault:
      auth: {kubernetes: {audiences: [vault], role: "eso"}}
      vaults:   {homelab: 1}
`
const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: clustersecretstores.external-secrets.io}
spec:
  names: {kind: ClusterSecretStore}
  provider:
    onepassword:
      connectHost: x
      auth: {}
      vaults: {homelab: 1}
`
const sdk = `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: sdk}
spec:
  provider:
    onepasswordSDK:
      vault: Operations
      auth: {serviceAccountSecretRef: {name: a, key: b}}
`

describe('which documents are changed', () => {
  test.each([
    ['both kinds', `${before}\n---\n${before.replace('Cluster', '')}`, `${after}\n---\n${after.replace('Cluster', '')}`],
    [
      'ExternalSecrets and other providers stay',
      `---\n${external}---\n${before}---\n${hashicorp}`,
      `---\n${external}---\n${after}---\n${hashicorp}`,
    ],
    ['a template text in another document', `${before}---\n${external}`, `${after}---\n${external}`],
    ['the SDK store beside it stays', `${sdk}---\n${before}`, `${sdk}---\n${after}`],
    ['a store that is right already stays', `${after}---\n${before}`, `${after}---\n${after}`],
    [
      'a patch that says nothing of vaults stays',
      `${before}---\napiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: {provider: {onepassword: {connectHost: y}}}\n`,
      `${after}---\napiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: {provider: {onepassword: {connectHost: y}}}\n`,
    ],
    [
      'comments between the documents stay',
      `# one\n---\n# two\n${before}# three\n...\n# four\n---\n${before}`,
      `# one\n---\n# two\n${after}# three\n...\n# four\n---\n${after}`,
    ],
    [
      'stores in a List',
      `kind: List\napiVersion: v1\nitems:\n  -\n${before.replace(/^/gm, '    ').trimEnd()}\n`,
      `kind: List\napiVersion: v1\nitems:\n  -\n${after.replace(/^/gm, '    ').trimEnd()}\n`,
    ],
  ])('%s', (_row, text, wanted) => {
    expect(patched(text)).toBe(wanted)
  })

  test.each([
    ['a CRD', definition],
    ['an ExternalSecret', external],
    ['another provider', hashicorp],
    ['an encrypted Secret', 'kind: Secret\ndata: ENC[AES256_GCM,data:AAAA]\nsops: {}\n'],
    ['another group', before.replace('external-secrets.io', 'example.com')],
    ['nothing', ''],
  ])('%s is left alone', (_row, text) => {
    expect(patched(text)).toBe(text)
    expect(vaultsOf({ path, text })).toEqual([])
  })
})

const byHand = 'Under spec.provider.onepassword write: vaults: { catalyst-eso: 1 }'
const rendered = 'Change the value that the template reads, render it, and run this again on the rendered file.'
const variable = 'Change the variable: it stands in postBuild of the Flux Kustomization, or in what its substituteFrom names.'
const patch = 'Set the vaults in the store itself and remove them from the patch, or edit the patch by hand.'

describe('what is refused', () => {
  test.each<[row: string, text: string, id: string, line: number, fix: string]>([
    ['a key set through Flux substitution', withVaults(`"\${CLUSTER_NAME}": 1`), 'vault-substituted', 9, variable],
    ['an order set through Flux substitution', withVaults(`homelab: \${ORDER}`), 'vault-substituted', 9, variable],
    ['all of them set through Flux substitution', storeText(`      vaults: \${VAULTS}\n`), 'vault-substituted', 9, variable],
    [
      'only an SDK store',
      sdk,
      'store-is-sdk',
      6,
      'Leave this store as it is, or write one with the provider onepassword: https://external-secrets.io/latest/provider/1password-automation/',
    ],
    ['misspelt', before.replace('onepassword:', 'onepwd:'), 'store-misspelt', 7, 'Write onepassword instead of onepwd.'],
    [
      'a patch',
      'apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: {provider: {onepassword: {vaults: {a: 1}}}}\n',
      'store-is-patch',
      3,
      patch,
    ],
    ['a Helm template', withVaults('{{ .storeName | quote }}: 1'), 'template-file', 10, rendered],
    ['a Helm template that is not YAML', withVaults('{{- range .vaults }}', '{{ . }}: 1', '{{- end }}'), 'template-file', 10, rendered],
    ['a template by its name', before, 'template-file', 1, rendered],
    ['an alias', `x: &v {a: 1}\n${storeText('      vaults: *v\n')}`, 'edit-by-hand', 10, byHand],
    ['vaults that an alias repeats', `${storeText('      vaults: &v\n        a: 1\n')}x: *v\n`, 'edit-by-hand', 9, byHand],
    [
      'a provider that is an alias',
      `x: &p {connectHost: a, auth: {}, vaults: {a: 1}}\napiVersion: external-secrets.io/v1\nkind: SecretStore\nspec: {provider: {onepassword: *p}}\n`,
      'edit-by-hand',
      4,
      byHand,
    ],
    ['a list', storeText('      vaults: [homelab]\n'), 'edit-by-hand', 9, byHand],
    ['a text', storeText('      vaults: homelab\n'), 'edit-by-hand', 9, byHand],
    ['a flow map with comments', storeText('      vaults: { a: 1, # note\n        b: 2 }\n'), 'edit-by-hand', 9, byHand],
    [
      'an order in a block scalar, with which the last line break would go',
      `${storeText('')}      vaults:\n        homelab: |\n          1\n`,
      'edit-by-hand',
      14,
      byHand,
    ],
    ['an order with a tag', withVaults('catalyst-eso: !!str 2'), 'edit-by-hand', 9, byHand],
    ['the same key twice', withVaults('a: 1', 'a: 2'), 'yaml-duplicate-key', 11, 'Remove one of the two; the second is at line 11.'],
    ['tabs', storeText('\t\tvaults:\n'), 'yaml-tabs', 9, 'Replace the tab at line 9 with spaces.'],
    ['encrypted', `${before}sops:\n  mac: x\n`, 'sops-encrypted', 16, 'sops edit secretstores/store.yaml'],
    ['an alias that leads into itself', storeText('      vaults: &v\n        a: *v\n'), 'yaml-invalid', 1, 'Put line 1 right.'],
    ['an alias that leads nowhere', storeText('      vaults: *nowhere\n'), 'yaml-invalid', 1, 'Put line 1 right.'],
  ])('%s', (row, text, id, line, fix) => {
    const file = { path: row === 'a template by its name' ? `${path}.j2` : path, text }
    const failure = refused(() => setVaults(file, vaults))
    expect(failure).toMatchObject({ id, exit: 'blocked', fix: [fix] })
    expect(failure.message).toMatch(`${file.path}:${line}: `)
  })

  test('one store that is refused keeps the others from being changed', () => {
    expect(refused(() => patched(`${before}---\n${withVaults(`"\${X}": 1`)}`)).id).toBe('vault-substituted')
  })
})

describe('vaultsOf', () => {
  test('gives each store with its vaults in search order', () => {
    const text = `${withVaults('Infra: 2', 'Apps: 1', 'Odd: first')}---\n${storeText('', 'SecretStore').replace('  name: onepassword\n', '  name: own\n  namespace: apps\n')}`
    expect(vaultsOf({ path, text })).toEqual([
      {
        kind: 'ClusterSecretStore',
        name: 'onepassword',
        line: 9,
        vaults: [
          { key: 'Apps', order: 1 },
          { key: 'Infra', order: 2 },
          { key: 'Odd', order: Number.NaN },
        ],
      },
      { kind: 'SecretStore', name: 'own', namespace: 'apps', line: 26, vaults: [] },
    ])
  })
})

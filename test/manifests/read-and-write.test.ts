import { describe, expect, it } from 'vitest'
import { readFolder } from '../../src/manifests/folder.ts'
import { enableEntry } from '../../src/manifests/kustomization.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { build } from '../../src/sandbox/kustomize.ts'
import { base, type Files, seed } from './layouts.ts'

const file = `${base}/kustomization.yaml`

/** Enables both components as the folder says they are to be enabled. */
async function enabled(files: Files): Promise<Files> {
  const { components, kustomization } = await readFolder(treeOf(files), base)
  const connect = enableEntry(kustomization, components.connect)
  return { ...files, [file]: enableEntry({ path: file, text: connect }, components.stores) }
}

describe('an entry that the reader finds commented out', () => {
  it.each([
    ['indented', 'resources:\n  - operator\n  # - onepassword-connect\n  # - secretstores\n'],
    ['at column 0', 'resources:\n  - operator\n#  - onepassword-connect\n#  - secretstores\n'],
    ['shifted', 'resources:\n  - operator\n#   - onepassword-connect\n#   - secretstores\n'],
    ['tight', 'resources:\n  - operator\n  #- ./onepassword-connect\n  #- ./secretstores\n'],
    ['with one space', 'resources:\n  - operator\n # - onepassword-connect/\n # - secretstores/\n'],
    ['in a list at indent 0', 'resources:\n- operator\n# - onepassword-connect\n# - secretstores\n'],
    ['with notes', 'resources:\n  - operator\n  # - onepassword-connect # needs credentials\n  # - secretstores # needs Connect\n'],
    ['quoted', 'resources:\n  - operator\n  # - "onepassword-connect"\n  # - \'secretstores\'\n'],
    ['below an empty list', 'components: []\nresources: []\n  # - onepassword-connect\n  # - secretstores\n'],
    ['below nothing else', 'resources:\n  # - onepassword-connect\n  # - secretstores\n'],
    ['with its key', 'namespace: external-secrets\n# resources:\n#   - onepassword-connect\n#   - secretstores\n'],
    ['with Windows line ends', 'resources:\r\n  - operator\r\n  # - onepassword-connect\r\n  # - secretstores\r\n'],
  ])('is one that the writer can enable: %s', async (_, text) => {
    const before = { ...seed(), [file]: text }
    const { components } = await readFolder(treeOf(before), base)
    expect([components.connect.state, components.stores.state]).toEqual(['commented', 'commented'])

    const after = treeOf(await enabled(before))
    const folder = await readFolder(after, base)
    expect([folder.components.connect.state, folder.components.stores.state]).toEqual(['live', 'live'])
    const kinds = (await build(after, base)).map((each) => each.kind)
    expect(kinds).toContain('Deployment')
    expect(kinds).toContain('ClusterSecretStore')
  })
})

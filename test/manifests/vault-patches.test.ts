import { describe, expect, it } from 'vitest'
import type { Failure } from '../../src/failure.ts'
import { declaredKustomizations } from '../../src/manifests/flux-files.ts'
import { readFolder } from '../../src/manifests/folder.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { parseVaults } from '../../src/manifests/vault.ts'
import { refusePatchedVaults } from '../../src/manifests/vault-patches.ts'
import { appTree, base, type Files, fluxKustomization, seed } from './layouts.ts'

const kustomization = `${base}/kustomization.yaml`
const cluster = 'clusters/home/infrastructure.yaml'
const replaces = (path: string, value: string) => `- op: replace\n  path: ${path}\n  value: ${value}\n`
const jsonPatch = replaces('/spec/provider/onepassword/vaults', '{ other: 1 }')
const merge = 'kind: ClusterSecretStore\nmetadata: { name: onepassword }\nspec: { provider: { onepassword: { vaults: { other: 1 } } } }\n'
const indented = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by))
const added = (file: string, text: string, more: Files = {}): Files => ({ ...seed(), [file]: `${seed()[file]}${text}`, ...more })

async function verdict(files: Files, path = base, ...vaults: string[]): Promise<Failure | undefined> {
  const tree = treeOf(files)
  const given = parseVaults(vaults.length > 0 ? vaults : ['catalyst-eso'])
  const declared = await declaredKustomizations(tree)
  return await refusePatchedVaults(tree, await readFolder(tree, path), declared, given).then(
    () => undefined,
    (failure: Failure) => failure,
  )
}

describe('vaults that a patch gives the stores are refused', () => {
  it.each<[row: string, files: Files, where: string]>([
    ['JSON 6902, written out', added(kustomization, `patches:\n  - patch: |\n${indented(jsonPatch, 6)}`), `${kustomization}:12`],
    ['JSON 6902, in a file', added(kustomization, 'patches:\n  - path: p.yaml\n', { [`${base}/p.yaml`]: jsonPatch }), `${base}/p.yaml:2`],
    [
      'in the old list of JSON 6902 patches',
      added(kustomization, 'patchesJson6902:\n  - path: p.yaml\n', { [`${base}/p.yaml`]: jsonPatch }),
      `${base}/p.yaml:2`,
    ],
    ['a strategic merge, written out', added(kustomization, `patches:\n  - patch: |\n${indented(merge, 6)}`), `${kustomization}:13`],
    [
      'in the old list of strategic merges',
      added(kustomization, 'patchesStrategicMerge: [p.yaml]\n', { [`${base}/p.yaml`]: merge }),
      `${base}/p.yaml:3`,
    ],
    [
      'one vault of them',
      added(kustomization, `patches:\n  - patch: |\n${indented(replaces('/spec/provider/onepassword/vaults/homelab', '2'), 6)}`),
      `${kustomization}:12`,
    ],
    [
      'with the whole provider',
      added(kustomization, `patches:\n  - patch: |\n${indented(replaces('/spec/provider', '{ onepassword: { vaults: { a: 1 } } }'), 6)}`),
      `${kustomization}:12`,
    ],
    [
      'in the folder of the stores',
      added(`${base}/secretstores/kustomization.yaml`, `patches:\n  - patch: |\n${indented(jsonPatch, 6)}`),
      `${base}/secretstores/kustomization.yaml:7`,
    ],
    ['by Flux', added(cluster, `  patches:\n    - patch: |\n${indented(jsonPatch, 8)}`), `${cluster}:12`],
    [
      'by an overlay of another cluster',
      {
        ...seed(),
        'clusters/b.yaml': fluxKustomization('b', './overlays/b'),
        'overlays/b/kustomization.yaml': `resources: [../../${base}]\npatches:\n  - patch: |\n${indented(jsonPatch, 6)}`,
      },
      'overlays/b/kustomization.yaml:5',
    ],
  ])('%s', async (_, files, where) => {
    const failure = await verdict(files)
    expect(failure).toMatchObject({
      id: 'vaults-patched',
      exit: 'blocked',
      fix: ['Write vaults: { catalyst-eso: 1 } there', 'or take the vaults out of the patch'],
    })
    expect(failure?.message).toContain(`${where}: a patch sets the vaults of the stores to {`)
  })

  it('behind a ks.yaml too', async () => {
    const files = appTree()
    files['kubernetes/apps/external-secrets/onepassword/ks.yaml'] += `  patches:\n    - patch: |\n${indented(merge, 8)}`
    expect(await verdict(files, 'kubernetes/apps/external-secrets')).toMatchObject({ id: 'vaults-patched' })
  })
})

describe('what is none of that passes', () => {
  it.each<[row: string, files: Files]>([
    ['no patch', seed()],
    [
      'the very vaults that are wanted',
      added(kustomization, `patches:\n  - patch: |\n${indented(jsonPatch.replace('other', 'catalyst-eso'), 6)}`),
    ],
    [
      'a patch of something else',
      added(kustomization, `patches:\n  - patch: |\n${indented(replaces('/spec/provider/vault/server', 'x'), 6)}`),
    ],
    ['a test of the vaults', added(kustomization, `patches:\n  - patch: |\n${indented(jsonPatch.replace('replace', 'test'), 6)}`)],
    ['a patch that is not there, or not YAML', added(kustomization, 'patches:\n  - path: gone.yaml\n  - patch: "{ a: [ "\n')],
    [
      'a patch in a build that does not reach the stores',
      { ...seed(), 'other/kustomization.yaml': `patches:\n  - patch: |\n${indented(jsonPatch, 6)}` },
    ],
  ])('%s', async (_, files) => {
    expect(await verdict(files)).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { discover, whichReach } from '../../src/manifests/discover.ts'
import { declaredKustomizations } from '../../src/manifests/flux-files.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { appTree, base, catalyst, deployment, type Files, fluxKustomization, seed, store } from './layouts.ts'

const found = async (files: Files) => {
  const tree = treeOf(files)
  return discover(tree, await declaredKustomizations(tree))
}
const copied = (files: Files, to: string): Files => Object.fromEntries(Object.entries(files).map(([path, text]) => [`${to}/${path}`, text]))

describe('the folder of External Secrets', () => {
  it("is the seed's, with both entries commented out", async () => {
    expect(await found(seed())).toEqual([base])
  })

  it('stays the same one when both are live, though the folders above lead there too', async () => {
    const files = seed()
    files[`${base}/kustomization.yaml`] = files[`${base}/kustomization.yaml`]?.replaceAll('# - ', '- ') ?? ''
    expect(await found(files)).toEqual([base])
  })

  it('is found where two Flux Kustomizations share it, and the cluster folder lists those', async () => {
    const files = catalyst()
    files['clusters/home.yaml'] =
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: flux-system }\nspec: { path: ./clusters/catalyst-cluster }\n'
    expect(await found(files)).toEqual([base])
  })

  it.each(['  # - ./onepassword/ks.yaml', '  - ./onepassword/ks.yaml'])(
    'is the one that lists a ks.yaml for each app: %s',
    async (line) => {
      expect(await found(appTree(line))).toEqual(['kubernetes/apps/external-secrets'])
    },
  )

  it('is not the folder that merely lists the Flux Kustomizations of everything, unless the switch is there', async () => {
    const lists = (line: string): Files => ({
      ...catalyst(),
      'kustomization.yaml': `resources:\n  - clusters/catalyst-cluster/namespaces.yaml\n${line}\n`,
      'clusters/home.yaml': fluxKustomization('home', './'),
    })
    expect(await found(lists('  - clusters/catalyst-cluster/external-secrets.yaml'))).toEqual([base])
    expect(await found(lists('  # - clusters/catalyst-cluster/external-secrets.yaml'))).toEqual([''])
  })

  it('is the app itself where its own kustomization has the switch', async () => {
    const files = appTree('  - ./onepassword/ks.yaml')
    files['kubernetes/apps/external-secrets/onepassword/app/kustomization.yaml'] =
      'resources:\n  - ./helmrelease.yaml\n  # - ./clustersecretstore.yaml\n'
    expect(await found(files)).toEqual(['kubernetes/apps/external-secrets/onepassword/app'])
  })

  it('is never an archived copy, even one that a Flux Kustomization declares', async () => {
    const files = { ...seed(), ...copied(seed(), '.archive'), ...copied(seed(), 'apps_OLD'), ...copied(seed(), 'tmp') }
    expect(await found(files)).toEqual([base])
  })

  it('is not a copy that no Flux Kustomization reaches', async () => {
    expect(await found({ ...seed(), ...copied(seed(), 'second') })).toEqual([base])
  })

  it('may be several, one a cluster', async () => {
    const overlay = (cluster: string): Files => ({
      [`clusters/${cluster}/ks.yaml`]: `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: ${cluster} }\nspec: { path: ./overlays/${cluster} }\n`,
      [`overlays/${cluster}/kustomization.yaml`]: `resources:\n  - ../../common/connect\n  # - ../../common/stores\n`,
    })
    const common = {
      'common/connect/kustomization.yaml': 'resources: [deployment.yaml]\n',
      'common/connect/deployment.yaml': deployment,
      'common/stores/kustomization.yaml': 'resources: [store.yaml]\n',
      'common/stores/store.yaml': store(),
    }
    expect(await found({ ...overlay('dev'), ...overlay('prod'), ...common })).toEqual(['overlays/dev', 'overlays/prod'])
  })

  it('is looked for everywhere as long as no Flux Kustomization is known', async () => {
    const files = seed()
    delete files['clusters/home/infrastructure.yaml']
    expect(await discover(treeOf(files), [])).toEqual([base])
    expect(await discover(treeOf(files), [{ path: 'clusters' }])).toEqual([])
  })

  it('may bring stores only, where Connect runs elsewhere', async () => {
    const files = {
      'x/kustomization.yaml': 'resources: [s.yaml]\n',
      'x/s.yaml': store('ClusterSecretStore', 'https://connect.lan.example'),
    }
    expect(await discover(treeOf(files), [{ path: 'x' }])).toEqual(['x'])
  })

  it('is none in a repository without stores', async () => {
    expect(await found({ 'a/kustomization.yaml': 'resources: []\n' })).toEqual([])
    expect(await found({})).toEqual([])
  })
})

describe('which Flux Kustomization reaches a file', () => {
  it('is said for each, by what it builds and not by its path', async () => {
    const tree = treeOf({ ...seed(), [`${base}/stray.yaml`]: 'kind: X\n' })
    const flux = [
      { name: 'above', path: 'infrastructure/base' },
      { name: 'beside', path: `${base}/operator` },
      { name: 'gone', path: 'nowhere' },
    ]
    const files = [`${base}/kustomization.yaml`, `${base}/stray.yaml`, `${base}/secretstores/onepassword-secretstore.yaml`]
    const answers = await whichReach(tree, files, flux)
    expect(answers.map(({ kustomization, reads }) => [kustomization.name, reads])).toEqual([
      ['above', [`${base}/kustomization.yaml`]],
      ['beside', []],
      ['gone', []],
    ])
  })

  it('names every cluster that a shared base changes', async () => {
    const files = { ...seed(), 'clusters/b/kustomization.yaml': 'resources: [../../infrastructure/base/external-secrets]\n' }
    const answers = await whichReach(
      treeOf(files),
      [`${base}/kustomization.yaml`],
      [{ path: 'infrastructure/base' }, { path: 'clusters/b' }],
    )
    expect(answers.every(({ reads }) => reads.length === 1)).toBe(true)
  })
})

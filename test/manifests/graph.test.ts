import { describe, expect, it } from 'vitest'
import { fluxPath, isRemote, reach, readBuild } from '../../src/manifests/graph.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { appTree, base, seed } from './layouts.ts'

const reached = async (files: Record<string, string>, folder: string) => [...(await reach(treeOf(files), folder))].sort()

describe('what a build reads', () => {
  it('is what the kustomizations list, and nothing that merely lies there', async () => {
    const files = { ...seed(), [`${base}/stray.yaml`]: 'kind: X\n' }
    expect(await reached(files, 'infrastructure/base')).toEqual(
      [
        'infrastructure/base/kustomization.yaml',
        `${base}/kustomization.yaml`,
        `${base}/namespace.yaml`,
        `${base}/operator/helmrelease.yaml`,
        `${base}/operator/helmrepository.yaml`,
        `${base}/operator/kustomization.yaml`,
      ].sort(),
    )
  })

  it('follows entries that are about to go live', async () => {
    const also = new Map([[`${base}/kustomization.yaml`, ['secretstores']]])
    const files = await reach(treeOf(seed()), base, { also })
    expect(files).toContain(`${base}/secretstores/onepassword-secretstore.yaml`)
    expect(files).not.toContain(`${base}/onepassword-connect/deployment.yaml`)
  })

  it('takes components, bases, patches, generators and every other file that is named', async () => {
    const files = {
      'o/kustomization.yml': `bases: [../b]
components: [../c]
patches: [{ path: p.yaml }, { patch: "- op: add" }]
patchesStrategicMerge: [s.yaml, "kind: X\\nmetadata: {}"]
configMapGenerator: [{ name: m, files: [a.txt, key=b.txt], envs: [e.env], literals: [x=y] }]
replacements: [{ path: r.yaml }]
`,
      'b/Kustomization': 'resources: [x.yaml]\n',
      'b/x.yaml': 'x\n',
      'c/kustomization.yaml': 'kind: Component\nresources: [y.yaml]\n',
      'c/y.yaml': 'y\n',
      ...Object.fromEntries(['p.yaml', 's.yaml', 'a.txt', 'b.txt', 'e.env', 'r.yaml'].map((name) => [`o/${name}`, 'z\n'])),
    }
    expect(await reached(files, 'o')).toEqual(Object.keys(files).sort())
    expect((await readBuild(treeOf(files), 'o')).missing).toEqual([])
  })

  it('takes all YAML below a folder without a kustomization, folders with one as a whole', async () => {
    const files = {
      'flux/a.yaml': 'a\n',
      'flux/deep/b.yml': 'b\n',
      'flux/README.md': '#\n',
      'flux/app/kustomization.yaml': 'resources: [listed.yaml]\n',
      'flux/app/listed.yaml': 'l\n',
      'flux/app/unlisted.yaml': 'u\n',
    }
    expect(await reached(files, 'flux')).toEqual(['flux/a.yaml', 'flux/app/kustomization.yaml', 'flux/app/listed.yaml', 'flux/deep/b.yml'])
  })

  it('ends at cycles, passes over what is fetched from elsewhere, and reports what is missing', async () => {
    const files = {
      'a/kustomization.yaml':
        'resources: [../b, https://example.com/x.yaml, "github.com/o/r//d?ref=v1", gone.yaml, nokust, ../../out.yaml]\n',
      'a/nokust/x.yaml': 'x\n',
      'b/kustomization.yaml': 'resources: [../a]\n',
    }
    const build = await readBuild(treeOf(files), 'a')
    expect([...build.files.keys()]).toEqual(['a/kustomization.yaml', 'b/kustomization.yaml'])
    expect(build.missing.map((each) => each.entry)).toEqual(['gone.yaml', 'nokust', '../../out.yaml'])
  })

  it('is empty for a folder that is not there', async () => {
    expect(await reached(seed(), 'nowhere')).toEqual([])
  })

  it('tells the namespace that the outermost kustomization gives', async () => {
    const files = {
      'o/kustomization.yaml': 'namespace: outer\nresources: [i]\n',
      'o/i/kustomization.yaml': 'namespace: inner\nresources: [x.yaml]\n',
      'o/i/x.yaml': 'x\n',
    }
    const tree = treeOf(files)
    expect((await readBuild(tree, 'o')).files.get('o/i/x.yaml')).toEqual({ namespace: 'outer' })
    expect((await readBuild(tree, 'o/i')).files.get('o/i/x.yaml')).toEqual({ namespace: 'inner' })
  })

  it('does not go on into what a ks.yaml builds: that is another build', async () => {
    const files = await reached(appTree('  - ./onepassword/ks.yaml'), 'kubernetes/apps')
    expect(files).toContain('kubernetes/apps/external-secrets/onepassword/ks.yaml')
    expect(files).not.toContain('kubernetes/apps/external-secrets/onepassword/app/clustersecretstore.yaml')
  })
})

it.each(['./a/b', 'a/b/', '/a/b', 'a/./b', './a/x/../b'])('takes the path %j of a Flux Kustomization for a/b', (path) => {
  expect(fluxPath(path)).toBe('a/b')
})

it.each([undefined, '', '.', './', '/'])('takes the path %j of a Flux Kustomization for the root', (path) => {
  expect(fluxPath(path)).toBe('')
})

it.each(['https://x/y.yaml', 'git@github.com:o/r', 'github.com/o/r//x?ref=v1', 'ssh://git@h/o/r', 'git::https://x/y'])(
  '%s is fetched',
  (entry) => {
    expect(isRemote(entry)).toBe(true)
  },
)

it.each(['x', './x.yaml', '../../base/x', 'x/ks.yaml', 'github.com.yaml'])('%s is a path', (entry) => {
  expect(isRemote(entry)).toBe(false)
})

import { expect, it } from 'vitest'
import { treeOf } from '../../src/manifests/tree.ts'
import { build } from '../../src/sandbox/kustomize.ts'

// The texts are those of kustomize v5.5: people search for them, and Flux hands them on.

const a = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n'
const component = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]\n'
const accumulating = (entry: string, why: string) =>
  `accumulating resources: accumulation err='accumulating resources from '${entry}': ${why}`
const lost = (at: string) => `evalsymlink failure on '${at}' : lstat ${at}: no such file or directory`

it.each<[string, Record<string, string>, string]>([
  [
    'an entry leads nowhere',
    { 'x/kustomization.yaml': 'resources: [gone.yaml]\n' },
    `${accumulating('gone.yaml', lost('/repo/x/gone.yaml'))}': must build at directory: not a valid directory: ${lost('/repo/x/gone.yaml')}`,
  ],
  [
    'a folder among the resources has no kustomization',
    { 'x/kustomization.yaml': 'resources: [sub]\n', 'x/sub/a.yaml': a },
    `${accumulating('sub', "'/repo/x/sub' must resolve to a file")}': couldn't make target for path '/repo/x/sub': unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '/repo/x/sub'`,
  ],
  [
    'a Component stands under resources',
    { 'x/kustomization.yaml': 'resources: [c]\n', 'x/c/kustomization.yaml': component, 'x/c/a.yaml': a },
    `${accumulating('c', "'/repo/x/c' must resolve to a file")}': expected kind != 'Component' for path '/repo/x/c'`,
  ],
  [
    'a Kustomization stands under components',
    { 'x/kustomization.yaml': 'components: [c]\n', 'x/c/kustomization.yaml': 'resources: [a.yaml]\n', 'x/c/a.yaml': a },
    `accumulating components: accumulateDirectory: "expected kind 'Component' for path '/repo/x/c' but got 'Kustomization'"`,
  ],
  [
    'a file stands under components',
    { 'x/kustomization.yaml': 'components: [a.yaml]\n', 'x/a.yaml': a },
    `accumulating components: loader.New "must build at directory: '/repo/x/a.yaml': file is not directory"`,
  ],
  [
    'nothing is where a component should be',
    { 'x/kustomization.yaml': 'components: [c]\n' },
    `accumulating components: loader.New "must build at directory: not a valid directory: ${lost('/repo/x/c')}"`,
  ],
  [
    'an object comes from two files',
    { 'x/kustomization.yaml': 'resources: [a.yaml, b.yaml]\n', 'x/a.yaml': a, 'x/b.yaml': a },
    `accumulating resources: accumulation err='merging resources from 'b.yaml': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]': must build at directory: '/repo/x/b.yaml': file is not directory`,
  ],
  [
    'an object comes from two folders',
    {
      'x/kustomization.yaml': 'resources: [e, f]\n',
      'x/e/kustomization.yaml': 'resources: [../a.yaml]\n',
      'x/f/kustomization.yaml': 'resources: [../a.yaml]\n',
      'x/a.yaml': a,
    },
    `${accumulating('f', "'/repo/x/f' must resolve to a file")}': recursed merging from path '/repo/x/f': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]`,
  ],
  [
    'it comes back to itself',
    { 'x/kustomization.yaml': 'resources: [y]\n', 'x/y/kustomization.yaml': 'resources: [..]\n' },
    `${accumulating('..', "'/repo/x' must resolve to a file")}': cycle detected: candidate root '/repo/x' contains visited root '/repo/x'`,
  ],
  ['the kustomization is empty', { 'x/kustomization.yaml': '# nothing yet\n' }, 'kustomization.yaml is empty'],
  ['there are two', { 'x/kustomization.yaml': '', 'x/kustomization.yml': '' }, 'Found multiple kustomization files under: /repo/x\n'],
  ['a field is misspelt', { 'x/kustomization.yaml': 'resourcez: []\n' }, 'invalid Kustomization: json: unknown field "resourcez"'],
  [
    'a list is a map',
    { 'x/kustomization.yaml': 'resources: { a: b }\n' },
    'invalid Kustomization: json: cannot unmarshal object into Go struct field Kustomization.resources',
  ],
  [
    'the kind is another',
    { 'x/kustomization.yaml': 'kind: Foo\n' },
    'Failed to read kustomization file under /repo/x:\nkind should be Kustomization or Component\n',
  ],
  ['a resource is no object', { 'x/kustomization.yaml': 'resources: [a.yaml]\n', 'x/a.yaml': 'foo: bar\n' }, 'missing Resource metadata'],
  [
    'a resource has no name',
    { 'x/kustomization.yaml': 'resources: [a.yaml]\n', 'x/a.yaml': 'apiVersion: v1\nkind: ConfigMap\n' },
    'missing metadata.name in object {{v1 ConfigMap} {{ } map[] map[]}}',
  ],
  ['a resource is no YAML', { 'x/kustomization.yaml': 'resources: [a.yaml]\n', 'x/a.yaml': 'a: [b\n' }, 'MalformedYAMLError: yaml: '],
  [
    'a key stands twice in a resource',
    { 'x/kustomization.yaml': 'resources: [a.yaml]\n', 'x/a.yaml': `${a}data: { k: v, k: w }\n` },
    'MalformedYAMLError: yaml: ',
  ],
  [
    'a vault named by digits has no quotes',
    { 'x/kustomization.yaml': 'resources: [a.yaml]\n', 'x/a.yaml': `${a}data: { 2024: v }\n` },
    'json: unsupported type: map[interface {}]interface {}',
  ],
  ['there is no such folder', { 'y/a.yaml': a }, 'stat /repo/x: no such file or directory'],
  [
    'it would need more than this one can',
    { 'x/kustomization.yaml': 'configMapGenerator: [{ name: m, literals: [a=b] }]\n' },
    'configMapGenerator in /repo/x is not supported by the sandbox',
  ],
  [
    'it would have to fetch something',
    { 'x/kustomization.yaml': 'resources: ["https://example.com/a.yaml"]\n' },
    'fetching https://example.com/a.yaml is not supported by the sandbox',
  ],
])('stops in the words of kustomize when %s', async (_, files, message) => {
  await expect(build(treeOf(files, '/repo'), 'x')).rejects.toThrow(message)
})

it('lets the last of two equal keys win in a kustomization, as kustomize does', async () => {
  const files = { 'x/kustomization.yaml': 'resources: [gone.yaml]\nresources: [a.yaml]\n', 'x/a.yaml': a }
  expect(await build(treeOf(files), 'x')).toHaveLength(1)
})

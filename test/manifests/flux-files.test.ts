import { expect, it } from 'vitest'
import { declaredKustomizations, isArchived, yamlFiles } from '../../src/manifests/flux-files.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { appTree, base, catalyst } from './layouts.ts'

it('finds all Flux Kustomizations, several in a file', async () => {
  const declared = await declaredKustomizations(treeOf(catalyst()))
  expect(declared.map(({ name, path, line }) => [name, path, line])).toEqual([
    ['external-secrets-operator', `${base}/operator`, 1],
    ['external-secrets', base, 12],
    ['namespaces', 'infrastructure/base/namespaces', 1],
  ])
  expect(declared[1]).toEqual({
    file: 'clusters/catalyst-cluster/external-secrets.yaml',
    line: 12,
    name: 'external-secrets',
    namespace: 'flux-system',
    path: base,
    source: { kind: 'GitRepository', name: 'flux-system' },
    dependsOn: [{ kind: 'Kustomization', name: 'external-secrets-operator' }],
    wait: true,
    healthChecks: [],
    suspend: false,
  })
})

it('resolves anchors, and leaves out what is not said', async () => {
  const file = 'kubernetes/apps/external-secrets/onepassword/ks.yaml'
  const declared = (await declaredKustomizations(treeOf(appTree()))).find((each) => each.file === file)
  expect(declared).toMatchObject({
    name: 'onepassword',
    namespace: 'external-secrets',
    targetNamespace: 'external-secrets',
    path: 'kubernetes/apps/external-secrets/onepassword/app',
    source: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
    wait: false,
  })
})

it('leaves open what a parent patches in, and takes what is written down as empty', async () => {
  const declare = (spec: string) =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: x }\nspec:\n  path: ./a\n${spec}`
  const files = {
    'bare.yaml': declare(''),
    'empty.yaml': declare('  dependsOn: []\n  postBuild: {}\n  healthChecks: []\n  retryInterval: 1m\n'),
    'oci.yaml': declare('  sourceRef: { kind: OCIRepository, name: flux-system }\n  healthCheckExprs: [{ kind: ClusterSecretStore }]\n'),
  }
  const nothing = { dependsOn: [], healthChecks: [], wait: false, suspend: false, path: 'a' }
  const [bare, empty, oci] = await declaredKustomizations(treeOf(files))
  expect(bare).toEqual({ file: 'bare.yaml', line: 1, name: 'x', ...nothing })
  expect(empty).toEqual({ file: 'empty.yaml', line: 1, name: 'x', ...nothing })
  expect(oci).toEqual({ file: 'oci.yaml', line: 1, name: 'x', source: { kind: 'OCIRepository', name: 'flux-system' }, ...nothing })
})

it('takes the namespace from the kustomization that lists the file, live or not', async () => {
  const file = 'kubernetes/apps/external-secrets/onepassword/ks.yaml'
  const files = appTree()
  files[file] = files[file]?.replace('  namespace: &namespace external-secrets\n', '').replace('*namespace', 'elsewhere') ?? ''
  const named = async (more: Record<string, string>) =>
    (await declaredKustomizations(treeOf({ ...files, ...more }))).find((each) => each.file === file)?.namespace
  expect(await named({})).toBe('external-secrets')
  expect(
    await named({ 'kubernetes/apps/external-secrets/kustomization.yaml': 'namespace: x\nresources: [namespace.yaml]\n' }),
  ).toBeUndefined()
})

it('passes over kustomize files, other kinds, and documents that cannot be read', async () => {
  const files = {
    'kustomization.yaml':
      '# kustomize.toolkit.fluxcd.io\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: { name: x }\n',
    'crd.yaml': 'kind: CustomResourceDefinition\nmetadata: { name: kustomizations.kustomize.toolkit.fluxcd.io }\n',
    'mixed.yaml':
      '{{ broken: [\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: good }\nspec: {}\n---\nname: *nowhere\n',
    'template.yaml.j2': 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: template }\n',
  }
  expect((await declaredKustomizations(treeOf(files))).map(({ name, path }) => [name, path])).toEqual([['good', '']])
})

it('is not held up by a bomb of aliases', async () => {
  const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`).join('\n')
  const bomb = `# kustomize.toolkit.fluxcd.io\na0: &a0 [x]\n${levels}\n`
  expect(await declaredKustomizations(treeOf({ 'bomb.yaml': bomb }))).toEqual([])
})

it('leaves out git, dependencies and copies that are kept but no longer used', async () => {
  const live = ['a.yaml', 'clusters/b.yml', 'apps/old-school/c.yaml', 'apps/templates/d.yaml']
  const dead = [
    '.git/x.yaml',
    '.archive/x.yaml',
    'node_modules/p/x.yaml',
    'apps_OLD/x.yaml',
    'tmp/x.yaml',
    'apps/archive/x.yaml',
    'apps.bak/x.yaml',
  ]
  const tree = treeOf(Object.fromEntries([...live, ...dead, 'README.md'].map((path) => [path, ''])))
  expect((await yamlFiles(tree)).sort()).toEqual(live.toSorted())
  for (const path of live) expect(isArchived(path)).toBe(false)
})

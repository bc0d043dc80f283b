import { promises as fs } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Failure } from '../../src/failure.ts'
import { readFolder } from '../../src/manifests/folder.ts'
import { treeOf, workingTree } from '../../src/manifests/tree.ts'
import { appTemplate, base, seed, store } from './layouts.ts'

const file = `${base}/kustomization.yaml`

const refused = async (files: Record<string, string>, path = base): Promise<Failure> =>
  await readFolder(treeOf(files), path).then(
    () => expect.fail('it was read'),
    (failure: Failure) => failure,
  )

it.each([
  ['has duplicate keys', 'resources: []\nresources: []\n', 'yaml-duplicate-key', 2],
  ['has tabs', 'resources:\n\t- operator\n', 'yaml-tabs', 2],
  ['is encrypted', 'resources: []\nsops: { mac: x }\n', 'sops-encrypted', 2],
  ['is a template', 'resources:\n  - {{ .Values.x }}\n', 'template-file', 2],
  ['is no YAML', 'resources: [\n', 'yaml-invalid', 2],
  ['has two documents', 'resources: []\n---\nresources: []\n', 'several-documents', 2],
])('refuses a kustomization that %s', async (_, text, id, line) => {
  const failure = await refused({ ...seed(), [file]: text })
  expect(failure).toMatchObject({ id, exit: 'blocked' })
  expect(failure.message).toContain(`${file}:${line}:`)
})

it('takes one that ends in an empty document', async () => {
  await expect(readFolder(treeOf({ ...seed(), [file]: 'resources: []\n---\n' }), base)).resolves.toBeDefined()
})

it('refuses a folder without a kustomization, with two, and one that is not there', async () => {
  expect(await refused({ 'x/a.yaml': '' }, 'x')).toMatchObject({ id: 'kustomization-missing' })
  expect(await refused({ 'x/kustomization.yaml': '', 'x/Kustomization': '' }, 'x')).toMatchObject({ id: 'several-kustomizations' })
  expect(await refused({ 'x/a.yaml': '' }, 'y')).toMatchObject({ id: 'folder-missing' })
  expect(await refused({ 'x/a.yaml': '' }, '../y')).toMatchObject({ id: 'outside-repository' })
})

it.each(['kustomization.yaml.j2', 'kustomization.yaml.bootstrap', 'Kustomization.yaml'])(
  'does not take %s for a kustomization',
  async (name) => {
    const failure = await refused({ [`x/${name}`]: 'resources:\n  # - secretstores\n' }, 'x')
    expect(failure).toMatchObject({
      id: 'kustomization-missing',
      exit: 'blocked',
      why: `${name} is none: kustomize reads kustomization.yaml, kustomization.yml, Kustomization and nothing else.`,
      fix: ['Give the folder whose kustomization lists them with --path, as seen from the root of the repository.'],
    })
  },
)

it('refuses a kustomization that is a symbolic link out of the repository', async () => {
  const around = await fs.mkdtemp(join(tmpdir(), 'folder-'))
  try {
    await fs.mkdir(join(around, 'repo/x'), { recursive: true })
    await fs.writeFile(join(around, 'kustomization.yaml'), 'resources: []\n')
    await fs.symlink('../../kustomization.yaml', join(around, 'repo/x/kustomization.yaml'))
    await expect(readFolder(workingTree(join(around, 'repo')), 'x')).rejects.toMatchObject({ id: 'outside-repository' })
  } finally {
    await fs.rm(around, { recursive: true })
  }
})

it('refuses a live entry that leads nowhere, and says on which line', async () => {
  const failure = await refused({ ...seed(), [file]: 'resources:\n  - operator\n  - ./gone.yaml\n  - https://example.com/x.yaml\n' })
  expect(failure).toMatchObject({ id: 'entry-target-missing', fix: ['Add ./gone.yaml, or remove line 3.'] })
  expect(failure.message).toContain(`${file}:3: resources lists ./gone.yaml`)
})

it('refuses a commented entry of ours that leads nowhere, but not prose', async () => {
  const files = { 'x/kustomization.yaml': 'resources:\n  - a.yaml\n  # - onepassword-connect\n  # - soon\n', 'x/a.yaml': '' }
  expect(await refused(files, 'x')).toMatchObject({ id: 'entry-target-missing' })
  const prose = { ...files, 'x/kustomization.yaml': 'resources:\n  - a.yaml\n  # - soon\n' }
  await expect(readFolder(treeOf(prose), 'x')).resolves.toMatchObject({ components: { connect: { state: 'external', target: '' } } })
})

it('refuses a Component under resources, live or not yet', async () => {
  const component = { [`${base}/secretstores/kustomization.yaml`]: 'kind: Component\nresources: [onepassword-secretstore.yaml]\n' }
  const failure = await refused({ ...seed(), ...component })
  expect(failure).toMatchObject({ id: 'wrong-list', exit: 'blocked', fix: ['Move line 8 below `components:`.'] })
  expect(failure.message).toContain(`${file}:8: secretstores stands under resources`)
  expect(failure.why).toContain("expected kind != 'Component' for path")
})

it('refuses a Kustomization under components', async () => {
  const failure = await refused({ ...seed(), [file]: 'components:\n  - onepassword-connect\n' })
  expect(failure).toMatchObject({ id: 'wrong-list', fix: ['Move line 2 below `resources:`.'] })
  expect(failure.why).toContain(`expected kind 'Component' for path '${base}/onepassword-connect' but got 'Kustomization'`)
})

it('refuses a file under components in the words for that', async () => {
  const failure = await refused({ ...seed(), [file]: 'components:\n  - secretstores/onepassword-secretstore.yaml\n' })
  expect(failure.why).toContain(`must build at directory: '${base}/secretstores/onepassword-secretstore.yaml': file is not directory`)
})

it('takes a Component under components', async () => {
  const files = {
    ...seed(),
    [`${base}/secretstores/kustomization.yaml`]: 'kind: Component\nresources: [onepassword-secretstore.yaml]\n',
    [file]: 'resources:\n  - onepassword-connect\n# components:\n#   - secretstores\n',
  }
  const { components } = await readFolder(treeOf(files), base)
  expect(components.stores).toMatchObject({ list: 'components', state: 'commented', line: 4 })
})

it('says why a store cannot be read instead of passing it over', async () => {
  const path = `${base}/secretstores/onepassword-secretstore.yaml`
  const broken = `kind: ClusterSecretStore\nspec:\n  provider:\n    onepassword:\n      vaults: { a: 1 }\n      vaults: { b: 1 }\n`
  expect(await refused({ ...seed(), [path]: broken })).toMatchObject({ id: 'yaml-duplicate-key' })
})

it('says that a provider is misspelt instead of passing the store over', async () => {
  const path = `${base}/secretstores/onepassword-secretstore.yaml`
  const failure = await refused({ ...seed(), [path]: store().replace('onepassword:', 'onepwd:') })
  expect(failure).toMatchObject({ id: 'store-misspelt', fix: ['Write onepassword instead of onepwd.'] })
  expect(failure.message).toContain(`${path}:7: `)
})

it('refuses a credentials Secret whose name only Helm or Flux knows', async () => {
  const path = `${base}/onepassword-connect/deployment.yaml`
  const failure = await refused({ ...seed(), [path]: appTemplate.replace('.Release.Name', '.Values.name') })
  expect(failure).toMatchObject({ id: 'secret-name-templated', exit: 'blocked' })
  expect(failure.message).toContain(`${path}:1:`)
})

import { describe, expect, it } from 'vitest'
import { deadlock } from '../../src/manifests/deadlock.ts'
import { unifiedDiff } from '../../src/manifests/diff.ts'
import { declaredKustomizations } from '../../src/manifests/flux-files.ts'
import { splitOf } from '../../src/manifests/split.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { base, type Files, fluxKustomization, seed } from './layouts.ts'

const cluster = 'clusters/home/infrastructure.yaml'
const block = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: external-secrets
  namespace: flux-system
spec:
  interval: 10m
  path: ./${base}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`

/** The seed with its stores enabled, in one Flux Kustomization. */
function together(flux = block, more: Files = {}): Files {
  const files = seed()
  const list = (files[`${base}/kustomization.yaml`] ?? '').replaceAll('# - ', '- ')
  return { ...files, [`${base}/kustomization.yaml`]: list, [cluster]: flux, ...more }
}

async function split(files: Files) {
  const tree = treeOf(files)
  const [old] = (await deadlock(tree, await declaredKustomizations(tree))).together
  return old && splitOf(tree, old)
}

/** The files as they are after it, and the layout that they make. */
async function madeOf(files: Files) {
  const edits = (await split(files))?.edits ?? []
  const made = { ...files, ...Object.fromEntries(edits.map((each) => [each.path, each.after])) }
  const tree = treeOf(made)
  const { operator, stores, together: left, isOrdered } = await deadlock(tree, await declaredKustomizations(tree))
  const names = (all: { name: string }[]) => all.map(({ name }) => name)
  return { edits, made, layout: { operator: names(operator), stores: names(stores), together: names(left), isOrdered } }
}

const inOrder = { operator: ['external-secrets-operator'], stores: ['external-secrets'], together: [], isOrdered: true }

describe('one Flux Kustomization', () => {
  it('becomes two, with no other byte changed', async () => {
    const { edits, layout } = await madeOf(together())
    expect(layout).toEqual(inOrder)
    expect(edits.map(({ path, before, after: text }) => unifiedDiff(path, before, text)).join('')).toBe(`--- a/${base}/kustomization.yaml
+++ b/${base}/kustomization.yaml
@@ -1,8 +1,6 @@
 apiVersion: kustomize.config.k8s.io/v1beta1
 kind: Kustomization
 resources:
-  - namespace.yaml
-  - operator
   # Uncomment when the credentials are ready
   - onepassword-connect
   - secretstores
--- a/${base}/operator/kustomization.yaml
+++ b/${base}/operator/kustomization.yaml
@@ -1,3 +1,4 @@
 resources:
   - helmrepository.yaml
   - helmrelease.yaml
+  - ../namespace.yaml
--- a/${cluster}
+++ b/${cluster}
@@ -1,9 +1,29 @@
+# The operator comes first: beside a store, whose CRD it brings, it
+# would never be applied to a new cluster.
 apiVersion: kustomize.toolkit.fluxcd.io/v1
 kind: Kustomization
 metadata:
+  name: external-secrets-operator
+  namespace: flux-system
+spec:
+  interval: 10m
+  path: ./${base}/operator
+  prune: true
+  sourceRef:
+    kind: GitRepository
+    name: flux-system
+  retryInterval: 1m
+  timeout: 10m
+  wait: true
+---
+apiVersion: kustomize.toolkit.fluxcd.io/v1
+kind: Kustomization
+metadata:
   name: external-secrets
   namespace: flux-system
 spec:
+  dependsOn:
+    - name: external-secrets-operator
   interval: 10m
   path: ./${base}
   prune: true
`)
  })

  it('says what the new one builds, so that it can be kept from being pruned', async () => {
    const { moved, prunes } = (await split(together())) ?? {}
    const objects = moved?.filter(({ object }) => object['metadata'] !== undefined).map(({ object }) => object['kind'])
    expect(objects?.toSorted()).toEqual(['HelmRelease', 'HelmRepository', 'Namespace'])
    expect(prunes).toBe(true)
    expect((await split(together(block.replace('prune: true', 'prune: false'))))?.prunes).toBe(false)
  })

  it.each<[string, string]>([
    ['Windows line ends', block.replaceAll('\n', '\r\n')],
    ['a byte order mark, and comments', `\uFEFF---\n# yaml-language-server: $schema=x\n${block}  # the end\n`],
    ['no newline at the end', block.trimEnd()],
    ['dependencies in a block', `${block}  dependsOn:\n  - name: a # first\n  - name: b\n`],
    ['dependencies in brackets', `${block}  dependsOn: [{ name: a }]\n`],
    ['no dependencies in brackets', `${block}  dependsOn: []\n`],
    [
      'anchors',
      block
        .replace('name: external-secrets\n', 'name: &app external-secrets\n')
        .replace('10m', '10m\n  commonMetadata: { labels: { app: *app } }'),
    ],
    ['another one in the same file', `${fluxKustomization('apps', './apps')}---\n${block}---\n${fluxKustomization('more', './more')}`],
  ])('may be written with %s', async (_, flux) => {
    const { edits, made, layout } = await madeOf(together(flux))
    expect(layout).toEqual(inOrder)
    expect(edits).toHaveLength(3)
    const [removed] = [...lines(flux)].filter((line) => !lines(made[cluster] ?? '').includes(line) && !/dependsOn|the end|prune/.test(line))
    expect(removed).toBeUndefined()
    expect(/\r\n/.test(flux)).toBe(!/[^\r]\n/.test(made[cluster] ?? ''))
    expect((made[cluster] ?? '').endsWith('\n')).toBe(flux.endsWith('\n'))
  })

  it('may build more than this folder: only the entry of the operator moves', async () => {
    const flux = block.replace(`./${base}`, './infrastructure/base')
    const { edits, layout } = await madeOf(together(flux))
    expect(layout).toEqual(inOrder)
    expect(edits.map(({ path }) => path)).toEqual([`${base}/kustomization.yaml`, `${base}/operator/kustomization.yaml`, cluster])
  })

  it('keeps its dependencies, and so does the new one', async () => {
    const { made } = await madeOf(together(`${block}  dependsOn:\n    - name: namespaces\n`))
    const declared = await declaredKustomizations(treeOf(made))
    expect(declared.map(({ name, dependsOn }) => [name, ...dependsOn.map((each) => each.name)])).toEqual([
      ['external-secrets-operator', 'namespaces'],
      ['external-secrets', 'namespaces', 'external-secrets-operator'],
    ])
  })
})

const operatorList = `${base}/operator/kustomization.yaml`
const list = `${base}/kustomization.yaml`

describe('it is left to a person', () => {
  it.each<[string, () => Files]>([
    ['patches of its own', () => together(`${block}  patches: [{ patch: "x", target: { kind: HelmRelease } }]\n`)],
    ['health checks of its own', () => together(`${block}  healthChecks: [{ kind: HelmRelease, name: external-secrets }]\n`)],
    ['another cluster', () => together(`${block}  kubeConfig: { secretRef: { name: other } }\n`)],
    ['a source that a parent patches in', () => together(block.replace(/ {2}sourceRef[\s\S]*/, ''))],
    [
      'a specification in braces',
      () =>
        together(
          block.replace(/spec:[\s\S]*/, `spec: { path: ./${base}, prune: true, sourceRef: { kind: GitRepository, name: flux-system } }\n`),
        ),
    ],
    ['a name that is taken', () => together(`${block}---\n${fluxKustomization('external-secrets-operator', './apps')}`)],
    [
      'another one that builds the operator as well',
      () => together(block, { 'clusters/away/all.yaml': fluxKustomization('away', `./${base}`) }),
    ],
    ['a kustomization that puts a namespace on all', () => changed(list, (text) => `namespace: external-secrets\n${text}`)],
    ['a kustomization that patches', () => changed(list, (text) => `${text}patches: [{ path: patch.yaml }]\n`)],
    ['entries in brackets', () => changed(list, () => 'resources: [namespace.yaml, operator, onepassword-connect, secretstores]\n')],
    [
      'the operator without a folder of its own',
      () => changed(list, (text) => text.replace('- operator', '- operator/helmrelease.yaml\n  - operator/helmrepository.yaml')),
    ],
    [
      'a store in the folder of the operator',
      () => changed(operatorList, (text) => `${text}  - ../secretstores/onepassword-secretstore.yaml\n`),
    ],
    [
      'a chart repository that stays behind',
      () => ({
        ...changed(operatorList, (text) => text.replace('  - helmrepository.yaml\n', '')),
        [list]: (together()[list] ?? '').replace('  - operator\n', '  - operator\n  - operator/helmrepository.yaml\n'),
      }),
    ],
    [
      'a namespace that stays behind',
      () =>
        changed(list, (text) => text.replace('namespace.yaml', 'home'), {
          [`${base}/home/kustomization.yaml`]: 'resources: [../namespace.yaml]\n',
        }),
    ],
  ])('with %s', async (_, files) => {
    const tree = treeOf(files())
    const [old] = (await deadlock(tree, await declaredKustomizations(tree))).together
    if (old === undefined) throw new Error('there is nothing to split')
    expect(await splitOf(tree, old)).toBeUndefined()
  })
})

function changed(path: string, change: (text: string) => string, more: Files = {}): Files {
  const files = together()
  return { ...files, [path]: change(files[path] ?? ''), ...more }
}

function lines(text: string): string[] {
  return text.split(/\r?\n/)
}

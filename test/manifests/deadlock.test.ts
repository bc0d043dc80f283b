import { expect, it } from 'vitest'
import { deadlock } from '../../src/manifests/deadlock.ts'
import { declaredKustomizations } from '../../src/manifests/flux-files.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { appTree, base, catalyst, type Files, seed } from './layouts.ts'

const both = new Map([[`${base}/kustomization.yaml`, ['onepassword-connect', 'secretstores']]])
const layout = async (files: Files, also?: ReadonlyMap<string, readonly string[]>) => {
  const tree = treeOf(files)
  const { operator, stores, together, isOrdered } = await deadlock(tree, await declaredKustomizations(tree), also)
  const names = (all: { name: string }[]) => all.map((each) => each.name)
  return { operator: names(operator), stores: names(stores), together: names(together), isOrdered }
}

it("sees the seed's lock coming: one Kustomization for all, once the stores go live", async () => {
  expect(await layout(seed())).toEqual({ operator: ['infrastructure'], stores: [], together: [], isOrdered: true })
  expect(await layout(seed(), both)).toEqual({
    operator: ['infrastructure'],
    stores: ['infrastructure'],
    together: ['infrastructure'],
    isOrdered: false,
  })
})

it('finds nothing wrong where the same build brings the CRDs', async () => {
  const crd = (name: string) => `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: ${name} }\n`
  const files = { ...seed(), [`${base}/namespace.yaml`]: crd('clustersecretstores.external-secrets.io') }
  expect((await layout(files, both)).together).toEqual([])
  const other = { ...seed(), [`${base}/namespace.yaml`]: crd('pushsecrets.external-secrets.io') }
  expect((await layout(other, both)).together).toEqual(['infrastructure'])
})

it('finds the split layout in order', async () => {
  expect(await layout(catalyst())).toEqual({
    operator: ['external-secrets-operator'],
    stores: ['external-secrets'],
    together: [],
    isOrdered: true,
  })
})

it('misses the order where nothing is waited for, or depended on', async () => {
  const file = 'clusters/catalyst-cluster/external-secrets.yaml'
  const text = catalyst()[file] ?? ''
  expect((await layout({ ...catalyst(), [file]: text.replace('wait: true', 'wait: false') })).isOrdered).toBe(false)
  expect(
    (await layout({ ...catalyst(), [file]: text.replace('{ name: external-secrets-operator }', '{ name: namespaces }') })).isOrdered,
  ).toBe(false)
})

it('takes a health check of the operator for a wait, through another dependency too', async () => {
  const file = 'clusters/catalyst-cluster/external-secrets.yaml'
  const [operator = '', stores = ''] = (catalyst()[file] ?? '').split('---\n')
  const between = operator
    .replaceAll('external-secrets-operator', 'between')
    .replace(`${base}/operator`, 'infrastructure/base/namespaces')
    .replace('{ name: namespaces }', '{ name: external-secrets-operator }')
  const checked = operator.replace(
    '  wait: true\n',
    '  healthChecks: [{ kind: HelmRelease, name: external-secrets, namespace: external-secrets }]\n',
  )
  const files = {
    ...catalyst(),
    [file]: [checked, between, stores.replace('{ name: external-secrets-operator }', '{ name: between }')].join('---\n'),
  }
  expect(await layout(files)).toMatchObject({ isOrdered: true, together: [] })
})

it('follows a ks.yaml for each app', async () => {
  expect(await layout(appTree('  - ./onepassword/ks.yaml'))).toEqual({
    operator: ['external-secrets'],
    stores: ['onepassword'],
    together: [],
    isOrdered: true,
  })
})

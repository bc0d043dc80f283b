import { describe, expect, it } from 'vitest'
import { treeOf } from '../../src/manifests/tree.ts'
import { build } from '../../src/sandbox/kustomize.ts'

const store = `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: { name: onepassword }
spec: { provider: { onepassword: { vaults: { homelab: 1 } } }, conditions: [{ namespaces: [a] }, { namespaces: [b] }] }
`
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: d }
spec: { template: { spec: { containers: [{ name: x, image: one, env: [{ name: A, value: a }] }] } } }
`
const patched = async (kustomization: string, files: Record<string, string> = {}) =>
  build(
    treeOf({ 'x/kustomization.yaml': `resources: [a.yaml]\n${kustomization}`, 'x/a.yaml': `${store}---\n${deployment}`, ...files }),
    'x',
  )

describe('a strategic merge patch', () => {
  const strategic = 'apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: { name: onepassword }\n'

  it('merges maps, removes what is null, and replaces the lists of a custom resource', async () => {
    const p = `${strategic}spec: { provider: { onepassword: { vaults: { catalyst-eso: 1, homelab: null } } }, conditions: [{ namespaces: [c] }] }\n`
    const [object] = await patched('patches: [{ path: p.yaml }]\n', { 'x/p.yaml': p })
    expect(object?.['spec']).toEqual({ provider: { onepassword: { vaults: { 'catalyst-eso': 1 } } }, conditions: [{ namespaces: ['c'] }] })
  })

  it('merges containers and their environment by name', async () => {
    const p =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d }\nspec: { template: { spec: { containers: [{ name: x, env: [{ name: B, value: b }] }] } } }\n'
    const [, object] = await patched('patchesStrategicMerge: [p.yaml]\n', { 'x/p.yaml': p })
    const [container] = object?.['spec'].template.spec.containers ?? []
    expect(container).toMatchObject({ name: 'x', image: 'one' })
    expect(container.env).toHaveLength(2)
    expect(container.env).toContainEqual({ name: 'B', value: 'b' })
  })

  it('stops where nothing has that name', async () => {
    const id = 'ClusterSecretStore.v1.external-secrets.io/other.[noNs]'
    await expect(patched('patches: [{ path: p.yaml }]\n', { 'x/p.yaml': strategic.replace('onepassword', 'other') })).rejects.toThrow(
      `no resource matches strategic merge patch "${id}": no matches for Id ${id}; failed to find unique target for patch ${id}`,
    )
  })

  it('is refused where this build could not do it right', async () => {
    const p = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d }\n$patch: delete\n'
    await expect(patched('patches: [{ path: p.yaml }]\n', { 'x/p.yaml': p })).rejects.toThrow('not supported by the sandbox')
  })
})

describe('a JSON patch', () => {
  const on = (target: string, ...operations: string[]) =>
    patched(`patches:\n  - target: ${target}\n    patch: |\n${operations.map((each) => `      - ${each}\n`).join('')}`)

  it('changes what its target selects, and only that', async () => {
    const [object, other] = await on(
      '{ kind: ClusterSecretStore, name: one.* }',
      '{ op: add, path: /spec/provider/onepassword/vaults/catalyst-eso, value: 2 }',
      '{ op: remove, path: /spec/conditions/0 }',
    )
    expect(object?.['spec']).toEqual({
      provider: { onepassword: { vaults: { homelab: 1, 'catalyst-eso': 2 } } },
      conditions: [{ namespaces: ['b'] }],
    })
    expect(other?.['spec'].template.spec.containers).toHaveLength(1)
  })

  it('changes nothing where its target selects nothing: a name is matched as a whole', async () => {
    const untouched = await patched('')
    expect(await on('{ name: onepass }', '{ op: remove, path: /spec }')).toEqual(untouched)
  })

  it('stops where its path is missing', async () => {
    await expect(on('{ kind: Deployment }', '{ op: replace, path: /spec/nothing, value: 1 }')).rejects.toThrow(
      'replace operation does not apply',
    )
  })
})

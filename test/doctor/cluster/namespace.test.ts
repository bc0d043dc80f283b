import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/doctor/check.ts'
import { namespaceExists, namespaceKept } from '../../../src/doctor/cluster/namespace.ts'
import { namespaces } from '../../../src/kubernetes/resources.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { failing, gitRepository, kustomization } from '../../flux/cluster.ts'
import { enabledFiles, found } from '../worlds.ts'
import { type Ground, namespace, openGround, store } from './ground.ts'

let here: Ground
beforeAll(async () => {
  here = await openGround()
})
afterAll(() => here.close())

describe('namespace-exists', () => {
  beforeEach(() => here.remove('ClusterSecretStore', 'onepassword'))

  it('is not known where nothing says which one it is', async () => {
    expect(await namespaceExists.look(here.world())).toMatchObject([{ notSeen: 'the namespace' }])
  })

  it('is true of the one that the files name', async () => {
    expect(await namespaceExists.look(here.world(await enabledFiles()))).toEqual([])
  })

  it('finds one that is missing, as files or a live store name it', async () => {
    const files = await enabledFiles((text) => text.replace(/namespace: external-secrets$|name: external-secrets$/gm, '$&-new'))
    expect(found(await namespaceExists.look(here.world(files)))).toEqual([
      'Namespace external-secrets-new: It does not exist: Connect and the Secrets that it needs belong there.',
    ])
    here.put(store('onepassword', 'nowhere'))
    expect(await namespaceExists.look(here.world())).toMatchObject([{ about: 'Namespace nowhere', fix: ['eso-bootstrap init'] }])
  })

  it('leaves it to Flux’s checks where Flux may yet bring it, but not where Flux waits for it', async () => {
    here.put(store('onepassword', 'nowhere'), gitRepository())
    const stores = (message: string, reason = 'ReconciliationFailed') =>
      here.put(kustomization('flux-system', {}, failing(reason, message)))
    stores('kustomization path not found', 'BuildFailed')
    expect(await namespaceExists.look(here.world())).toEqual([
      { notSeen: 'Namespace nowhere', why: 'It does not exist yet; the Flux Kustomization flux-system/flux-system is failing.' },
    ])
    stores('Secret/nowhere/x not found: namespaces "nowhere" not found')
    expect(await namespaceExists.look(here.world())).toMatchObject([{ about: 'Namespace nowhere' }])
    stores("dependency 'flux-system/base' is not ready", 'DependencyNotReady')
    expect(await namespaceExists.look(here.world())).toMatchObject([{ about: 'Namespace nowhere' }])
    here.remove('Kustomization', 'flux-system', 'flux-system')
  })

  it('finds one that is being deleted, and what keeps it', async () => {
    const held = { name: 'held', namespace: 'vault', finalizers: ['example.test/slow'] }
    here.put(store('onepassword', 'vault'), namespace('vault'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: held })
    await here.cluster.delete(namespaces, 'vault', undefined, {})
    const message = 'Some content in the namespace has finalizers remaining: example.test/slow in 1 resource instances'
    const conditions = [{ type: 'NamespaceFinalizersRemaining', status: 'True', message }]
    here.server.store.status(kinds.namespace, undefined, 'vault', { phase: 'Terminating', conditions })
    expect(found(await namespaceExists.look(here.world()))).toEqual([
      `Namespace vault: The namespace vault is being deleted. Nothing can be created in it until it is gone. ${message}`,
    ])
  })

  it('is not known where it may not be read', async () => {
    here.put(store('onepassword', 'vault'))
    here.server.allow('stores', [{ apiGroups: ['external-secrets.io'], resources: ['*'], verbs: ['list'] }])
    const cluster = await here.connect('stores')
    await expect(namespaceExists.look({ ...here.world(), cluster })).rejects.toMatchObject({ id: 'forbidden' })
  })
})

describe('namespace-kept', () => {
  const holder = (spec: object = {}) =>
    kustomization('base', spec, { inventory: { entries: [{ id: '_external-secrets__Namespace', v: 'v1' }] } })
  beforeEach(() => here.put(store(), gitRepository(), holder(), namespace('external-secrets')))

  it.each([
    ['no Flux Kustomization has applied it', () => here.put(kustomization('base', {}, { inventory: { entries: [] } }))],
    ['the one that has prunes nothing', () => here.put(holder({ prune: false }))],
    [
      'it is annotated',
      () => here.put(namespace('external-secrets', { annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } })),
    ],
    ['it is labelled', () => here.put(namespace('external-secrets', { labels: { 'kustomize.toolkit.fluxcd.io/reconcile': 'Disabled' } }))],
    ['it is ignored', () => here.put(namespace('external-secrets', { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Ignore' } }))],
  ])('is true where %s', async (_, make) => {
    make()
    expect(await namespaceKept.look(here.world())).toEqual([])
  })

  it('finds one that Flux may prune, and mends it in a way that Flux leaves alone', async () => {
    const [finding, ...others] = (await namespaceKept.look(here.world())) as Finding[]
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      about: 'Namespace external-secrets',
      why: 'Kustomization flux-system/base prunes: when the Namespace leaves its files, Flux deletes it with every Secret in it.',
      fix: [expect.stringContaining('--field-manager=eso-bootstrap')],
      repair: { needs: [{ verb: 'patch', group: '', resource: 'namespaces', name: 'external-secrets' }] },
    })
    const before = here.server.store.get(kinds.namespace, undefined, 'external-secrets')
    expect(await finding?.repair?.make(new AbortController().signal)).toBe('Namespace external-secrets annotated')
    const after = here.server.store.get(kinds.namespace, undefined, 'external-secrets')
    expect(after?.metadata.annotations).toEqual({ 'kustomize.toolkit.fluxcd.io/prune': 'disabled' })
    expect(after?.metadata.labels).toEqual(before?.metadata.labels)
    expect(after?.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toContainEqual(['eso-bootstrap', 'Apply'])
    expect(await namespaceKept.look(here.world())).toEqual([])
  })

  it('is not mended where it has gone meanwhile', async () => {
    const [finding] = (await namespaceKept.look(here.world())) as Finding[]
    here.remove('Namespace', 'external-secrets')
    await expect(finding?.repair?.make(new AbortController().signal)).rejects.toMatchObject({ id: 'changed-meanwhile' })
    expect(here.server.store.get(kinds.namespace, undefined, 'external-secrets')).toBeUndefined()
  })
})

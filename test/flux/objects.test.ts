import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kustomizationFrom, readFlux, sourceFrom } from '../../src/flux/objects.ts'
import { startSandbox } from '../kubernetes/sandbox.ts'
import { gitRepository, kustomization, put, startCluster, type TestCluster } from './cluster.ts'

describe('a cluster with Flux', () => {
  let here: TestCluster
  beforeEach(async () => {
    here = await startCluster()
  })
  afterEach(() => here.close())

  it('is read in all namespaces, with the version and only the kinds of source that are used', async () => {
    put(here.server, gitRepository())
    put(here.server, kustomization('apps'))
    const other = kustomization('eso')
    put(here.server, {
      ...other,
      metadata: { name: 'eso', namespace: 'default' },
      spec: { ...other['spec'], sourceRef: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' } },
    })
    const view = await readFlux(here.cluster)
    expect(view).toMatchObject({ installed: true, version: '2.9.4' })
    expect(view.kustomizations.map(({ namespace, name, source }) => [namespace, name, source.namespace]).toSorted()).toEqual([
      ['default', 'eso', 'flux-system'],
      ['flux-system', 'apps', 'flux-system'],
    ])
    expect(view.sources.map(({ kind, name }) => [kind, name])).toEqual([['GitRepository', 'flux-system']])
    expect(here.server.log.every(({ verb }) => verb === 'get' || verb === 'list')).toBe(true)
    expect(here.server.log.some(({ resource }) => resource === 'buckets')).toBe(false)
  })

  it('leaves out what is applied to another cluster', async () => {
    put(here.server, kustomization('remote', { kubeConfig: { secretRef: { name: 'other' } } }))
    expect((await readFlux(here.cluster)).kustomizations).toEqual([])
  })

  it('is read without its version where CRDs may not be read, and refused where Kustomizations may not', async () => {
    here.server.allow('some', [
      { apiGroups: ['kustomize.toolkit.fluxcd.io', 'source.toolkit.fluxcd.io'], resources: ['*'], verbs: ['list'] },
      { nonResourceURLs: ['*'], verbs: ['get'] },
    ])
    const view = await readFlux(await here.connect('some'))
    expect(view).toMatchObject({ installed: true })
    expect(view.version).toBeUndefined()
    here.server.allow('none', [{ nonResourceURLs: ['*'], verbs: ['get'] }])
    await expect(readFlux(await here.connect('none'))).rejects.toMatchObject({
      id: 'forbidden',
      message: 'You may not list kustomizations.kustomize.toolkit.fluxcd.io.',
    })
  })
})

it('a cluster without Flux is an answer', async () => {
  const sandbox = await startSandbox()
  expect(await readFlux(sandbox.cluster)).toEqual({ installed: false, kustomizations: [], sources: [] })
  await sandbox.close()
})

describe('a Kustomization', () => {
  it.each([
    ['./a/b', 'a/b'],
    ['a/b/', 'a/b'],
    ['/a/./b', 'a/b'],
    ['./', ''],
    ['', ''],
    [undefined, ''],
  ])('with the path %s builds "%s"', (path, expected) => {
    expect(kustomizationFrom(kustomization('x', { path })).path).toBe(expected)
  })

  it('tells what it depends on, what applies it, and what it has applied', () => {
    const object = kustomization(
      'stores',
      {
        dependsOn: [{ name: 'operator' }, { name: 'crds', namespace: 'infra' }],
        wait: true,
        postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'c' }] },
        suspend: true,
      },
      {
        lastAppliedRevision: 'main@sha1:x',
        observedGeneration: 3,
        inventory: { entries: [{ id: '_onepassword_external-secrets.io_ClusterSecretStore', v: 'v1' }] },
      },
    )
    object.metadata.labels = { 'kustomize.toolkit.fluxcd.io/name': 'flux-system', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }
    expect(kustomizationFrom(object)).toMatchObject({
      dependsOn: [
        { name: 'operator', namespace: 'flux-system' },
        { name: 'crds', namespace: 'infra' },
      ],
      parent: { name: 'flux-system', namespace: 'flux-system' },
      wait: true,
      prune: true,
      suspended: true,
      substitutes: true,
      observedGeneration: 3,
      inventory: ['_onepassword_external-secrets.io_ClusterSecretStore'],
    })
  })

  it('that has never been reconciled has none of it', () => {
    expect(kustomizationFrom(kustomization('new', { postBuild: { substitute: {} } }))).toMatchObject({
      ready: undefined,
      parent: undefined,
      lastAppliedRevision: undefined,
      inventory: [],
      substitutes: false,
    })
  })
})

describe('a source', () => {
  it.each([
    [{ branch: 'main' }, 'main'],
    [undefined, 'master'],
    [{ name: 'refs/heads/main' }, 'main'],
    [{ name: 'refs/heads/feature/x', branch: 'main' }, 'feature/x'],
    [{ name: 'refs/pull/1/head', branch: 'main' }, undefined],
    [{ tag: 'v1', branch: 'main' }, undefined],
    [{ semver: '>=1.0.0' }, undefined],
    [{ commit: 'abc', branch: 'main' }, undefined],
  ])('with the reference %j is reached by a push to %s', (ref, branch) => {
    expect(sourceFrom(gitRepository({ ref })).branch).toBe(branch)
  })

  it('that is not git is reached by no push', () => {
    expect(sourceFrom({ ...gitRepository(), kind: 'OCIRepository' }).branch).toBeUndefined()
  })

  it('does not show a password in its URL', () => {
    expect(sourceFrom(gitRepository({ url: 'https://me:canary-3f9a@git.test/home.git' })).url).toBe('https://me@git.test/home.git')
    expect(sourceFrom(gitRepository({ url: 'ssh://git@git.test:22/home.git' })).url).toBe('ssh://git@git.test:22/home.git')
  })
})

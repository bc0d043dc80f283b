import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fluxInstalled } from '../../../src/doctor/cluster/flux-installed.ts'
import { fluxReady } from '../../../src/doctor/cluster/flux-ready.ts'
import { fluxSources } from '../../../src/doctor/cluster/flux-sources.ts'
import { fluxSuspended } from '../../../src/doctor/cluster/flux-suspended.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { esoCrds } from '../../../src/sandbox/external-secrets/crds.ts'
import { openStatus } from '../../../src/status/open.ts'
import { failing, gitRepository, kustomization, ready } from '../../flux/cluster.ts'
import { found } from '../worlds.ts'
import { bringsOperator, deployment, type Ground, openGround, waitingPod } from './ground.ts'

let here: Ground
beforeEach(async () => {
  here = await openGround()
  here.put(gitRepository({}, ready))
})
afterEach(() => here.close())

/** A Flux Kustomization that has applied stores, and so concerns External Secrets. */
const ours = (name: string, status: object = ready, spec: object = {}): KubernetesObject =>
  kustomization(name, spec, { ...status, inventory: { entries: [{ id: '_onepassword_external-secrets.io_ClusterSecretStore', v: 'v1' }] } })

const unready = { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'Progressing', message: 'at work' }] }

describe('flux-installed', () => {
  const controller = (name: string, more: object = {}) =>
    deployment(name, {
      image: `ghcr.io/fluxcd/${name}:v1.9.4`,
      at: 'flux-system',
      labels: { 'app.kubernetes.io/part-of': 'flux' },
      ...more,
    })

  it('is true where its controllers run; those that External Secrets does without are not judged', async () => {
    here.put(controller('source-controller'), controller('kustomize-controller'), controller('notification-controller', { ready: 0 }))
    expect(await fluxInstalled.look(here.world())).toEqual([])
  })

  it('finds a controller that does not run, and why', async () => {
    here.put(
      controller('source-controller', { replicas: 0 }),
      controller('kustomize-controller', { ready: 0 }),
      controller('helm-controller', { ready: 0 }),
      waitingPod('kustomize-controller', { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting' }, 'flux-system'),
    )
    expect(found(await fluxInstalled.look(here.world()))).toEqual([
      'Deployment flux-system/helm-controller: Its pods are not ready, and do not say why.',
      'Deployment flux-system/kustomize-controller: The container main waits: CrashLoopBackOff, back-off 5m0s restarting.',
      'Deployment flux-system/source-controller: It is scaled to zero.',
    ])
  })

  it('warns of one of which a part of the replicas runs', async () => {
    here.put(controller('source-controller', { replicas: 2, ready: 1 }))
    expect(await fluxInstalled.look(here.world())).toMatchObject([
      { about: 'Deployment flux-system/source-controller', severity: 'warning' },
    ])
  })

  it('leaves controllers open that may not be listed', async () => {
    here.server.allow(
      'lister',
      ['kustomize', 'source'].map((each) => ({ apiGroups: [`${each}.toolkit.fluxcd.io`], resources: ['*'], verbs: ['list'] })),
    )
    const cluster = await here.connect('lister')
    expect(await fluxInstalled.look({ ...here.world(), cluster })).toEqual([
      { notSeen: "Flux's controllers", why: 'You may not list deployments.apps.' },
    ])
  })

  it('finds that neither it nor the operator is here; where something else has brought that it is no error', async () => {
    const bare = await openGround([])
    expect(found(await fluxInstalled.look(bare.world()))).toEqual(['Flux: Neither Flux nor External Secrets Operator is installed here.'])
    await bare.close()
    const argo = await openGround(esoCrds(2, 9, {}))
    expect(await fluxInstalled.look(argo.world())).toMatchObject([{ about: 'Flux', severity: 'advice' }])
    await argo.close()
  })
})

describe('flux-suspended', () => {
  it('finds what concerns External Secrets, with the command that resumes it', async () => {
    here.put(gitRepository({ suspend: true }), ours('stores', ready, { suspend: true }), kustomization('apps', { suspend: true }))
    expect((await fluxSuspended.look(here.world())).map((each) => 'fix' in each && [each.about, ...each.fix])).toEqual([
      ['GitRepository flux-system/flux-system', 'flux resume source git flux-system -n flux-system'],
      ['Kustomization flux-system/stores', 'flux resume kustomization stores -n flux-system'],
    ])
  })

  it('is true where nothing is', async () => {
    here.put(ours('stores'))
    expect(await fluxSuspended.look(here.world())).toEqual([])
  })
})

describe('flux-sources', () => {
  it('is true where Flux has fetched it', async () => {
    here.put(ours('stores'))
    expect(await fluxSources.look(here.world())).toEqual([])
  })

  it('finds one that can’t be fetched, with its cause', async () => {
    here.put(ours('stores'), gitRepository({}, failing('AuthenticationFailed', 'failed to checkout: authentication required')))
    expect(found(await fluxSources.look(here.world()))).toEqual([
      'GitRepository flux-system/flux-system: Flux may not read the repository: its deploy key or token is wrong, expired or removed.',
    ])
  })

  it('finds one that was never made', async () => {
    here.put(ours('stores', ready, { sourceRef: { kind: 'GitRepository', name: 'home', namespace: 'git' } }))
    expect(found(await fluxSources.look(here.world()))).toEqual([
      'GitRepository git/home: It does not exist, and Kustomization flux-system/stores is built from it.',
    ])
    here.put(ours('stores', ready, { sourceRef: { kind: 'ExternalArtifact', name: 'home' } }))
    expect(await fluxSources.look(here.world())).toEqual([])
  })
})

describe('flux-ready', () => {
  const look = async () => fluxReady.look(here.world())

  it('is true where those of External Secrets are Ready, whatever others are', async () => {
    here.put(ours('stores'), kustomization('apps', {}, failing('BuildFailed', 'no')))
    expect(await look()).toEqual([])
  })

  it('finds one that fails, with its cause or else what Flux says', async () => {
    here.put(ours('stores', failing('BuildFailed', 'kustomization path not found: stat /tmp/kustomization-1/eso: no such file')))
    expect(await look()).toEqual([
      {
        about: 'Kustomization flux-system/stores',
        why: 'The folder eso that spec.path names is not in the commit that Flux fetched.',
        fix: [
          'Check spec.path against the pushed branch.',
          'kubectl describe kustomization.kustomize.toolkit.fluxcd.io stores -n flux-system',
        ],
      },
    ])
    here.put(ours('stores', failing('ReconciliationFailed', 'something\nnew')))
    expect(found(await look())).toEqual(['Kustomization flux-system/stores: something new'])
  })

  it('tells apart why a kind has no match, by what the cluster serves', async () => {
    const message = (version: string) =>
      `ClusterSecretStore/x dry-run failed: no matches for kind "ClusterSecretStore" in version "${version}"`
    here.put(ours('stores', failing('ReconciliationFailed', message('external-secrets.io/v1beta1'))))
    expect(found(await look())).toEqual([
      'Kustomization flux-system/stores: The manifest declares ClusterSecretStore as external-secrets.io/v1beta1; this cluster serves external-secrets.io/v1.',
    ])
    here.put(ours('stores', failing('ReconciliationFailed', message('external-secrets.io/v1'))))
    expect(await look()).toMatchObject([
      { why: expect.stringContaining('has not noticed yet'), fix: [expect.stringContaining('rollout restart'), {}] },
    ])
  })

  it.each([
    ["timeout waiting for: [ClusterSecretStore/onepassword status: 'InProgress']", 'warning'],
    ["timeout waiting for: [Deployment/a/b status: 'InProgress', Job/a/c status: 'InProgress']", undefined],
    ["failed early due to stalled resources: [HelmRelease/a/eso status: 'Failed']", 'warning'],
  ])('%s: what it waits for has a check of its own, or has not', async (text, severity) => {
    here.put(ours('stores', failing('HealthCheckFailed', `health check failed after 1m0s: ${text}`)))
    const all = await look()
    expect(all.map((each) => 'about' in each && [each.about, each.severity])).toEqual([['Kustomization flux-system/stores', severity]])
  })

  describe('of those that wait for others', () => {
    const waiting = (name: string, dependsOn: object[], why = 'is not ready') =>
      ours(name, failing('DependencyNotReady', `dependency 'flux-system/operator' ${why}`), { dependsOn })
    const operator = (status: object, spec: object = {}) =>
      kustomization('operator', spec, { ...status, inventory: { entries: [{ id: bringsOperator, v: 'v2' }] } })

    it('only the one that fails of itself is told', async () => {
      here.put(operator(failing('BuildFailed', 'no')), waiting('stores', [{ name: 'operator' }]), waiting('apps', [{ name: 'stores' }]))
      const all = await look()
      expect(found(all)).toEqual(['Kustomization flux-system/operator: no'])
      expect(all).toHaveLength(1)
    })

    it('nothing is known yet while the other is at work, or has just ended', async () => {
      here.put(operator(unready), waiting('stores', [{ name: 'operator' }]))
      expect((await look()).map((each) => 'notSeen' in each && each.notSeen)).toEqual([
        'Kustomization flux-system/operator',
        'Kustomization flux-system/stores',
      ])
      here.put(operator(ready), waiting('stores', [{ name: 'operator' }], 'revision is not up to date'))
      expect(await look()).toMatchObject([{ notSeen: 'Kustomization flux-system/stores' }])
    })

    it.each<[string, () => void]>([
      ['is suspended', () => here.put(operator(ready, { suspend: true }), waiting('stores', [{ name: 'operator' }]))],
      ['is not there', () => here.put(waiting('stores', [{ name: 'operator' }]))],
      [
        'waits for it in turn',
        () =>
          here.put(
            { ...operator(failing('DependencyNotReady', 'x')), spec: waiting('x', [{ name: 'stores' }])['spec'] },
            waiting('stores', [{ name: 'operator' }]),
          ),
      ],
    ])('one is told whose other one %s', async (_, make) => {
      make()
      expect(found(await look())).toContain(
        'Kustomization flux-system/stores: It waits for the Flux Kustomization flux-system/operator, which is not ready.',
      )
    })
  })
})

it('nothing of Flux is known where its objects may not be listed', async () => {
  here.server.allow('nobody', [])
  const cluster = await here.connect('nobody')
  const world = {
    ...here.world(),
    cluster,
    live: openStatus(cluster, { ...here.world(), repository: async () => undefined, inputs: { repo: '/' } }),
  }
  for (const check of [fluxInstalled, fluxSuspended, fluxSources, fluxReady])
    await expect(check.look(world)).rejects.toMatchObject({ id: 'forbidden' })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fluxSources } from '../../../src/doctor/cluster/flux-sources.ts'
import { fluxSuspended } from '../../../src/doctor/cluster/flux-suspended.ts'
import { helmReleases } from '../../../src/doctor/cluster/helm-releases.ts'
import { esoCrds } from '../../../src/sandbox/external-secrets/crds.ts'
import { failing, ready } from '../../flux/cluster.ts'
import { found } from '../worlds.ts'
import { type Ground, helmRepository, openGround, release } from './ground.ts'

let here: Ground
beforeEach(async () => {
  here = await openGround()
})
afterEach(() => here.close())

const noVersion = failing('SourceNotReady', "HelmChart 'external-secrets/external-secrets' is not ready: no chart version found")

describe('helm-releases', () => {
  it('is true where the two are Ready; others, suspended ones and a cluster without Flux are not judged', async () => {
    here.put(helmRepository({}, ready), release('external-secrets', {}, ready), release('connect', {}, ready))
    here.put(release('grafana', {}, failing('InstallFailed', 'no')))
    expect(await helmReleases.look(here.world())).toEqual([])
    here.put(release('connect', { suspend: true }, failing('InstallFailed', 'no')))
    expect(await helmReleases.look(here.world())).toEqual([])
    await here.close()
    here = await openGround(esoCrds(2, 9, {}))
    expect(await helmReleases.look(here.world())).toEqual([])
  })

  it('finds one that failed, with what Flux says, but for what may be a secret', async () => {
    const secret = 'Zq8xR2mN5vB7kL1pT4wY9sD3fG6hJ0cA'
    const conditions = [
      { type: 'Stalled', status: 'True', reason: 'RetriesExceeded', message: `Failed to install after 1 attempt(s): ${secret}` },
      { type: 'Ready', status: 'False', reason: 'InstallFailed', message: 'no' },
    ]
    here.put(helmRepository({}, ready), release('external-secrets', {}, { conditions }))
    const all = await helmReleases.look(here.world())
    expect(all).toEqual([
      {
        about: 'HelmRelease external-secrets/external-secrets',
        why: 'Helm has used up its attempts, and Flux does not try again by itself. Flux says: RetriesExceeded, Failed to install after 1 attempt(s): (not shown)',
        fix: [
          'flux reconcile helmrelease external-secrets -n external-secrets --reset',
          'kubectl describe helmrelease external-secrets -n external-secrets',
        ],
      },
    ])
  })

  it('knows a release by its OCI chart, and Connect by its image', async () => {
    const chartRef = { kind: 'OCIRepository', name: 'eso' }
    here.put(
      {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'OCIRepository',
        metadata: { name: 'eso', namespace: 'external-secrets' },
        spec: { interval: '1h', url: 'oci://ghcr.io/external-secrets/charts/external-secrets' },
      },
      release('operator', { chart: undefined, chartRef }, failing('UpgradeFailed', 'no')),
      release('vault', { chart: { spec: { chart: 'app-template' } }, values: { image: 'connect-api' } }, failing('UpgradeFailed', 'no')),
    )
    expect(found(await helmReleases.look(here.world())).map((each) => each.split(':')[0])).toEqual([
      'HelmRelease external-secrets/operator',
      'HelmRelease external-secrets/vault',
    ])
  })

  it('asks for no more than it takes, however many releases there are', async () => {
    here.put(helmRepository({}, ready), release('external-secrets', {}, ready))
    const others = ['a', 'b', 'c'].map((name) => release(name, { chart: undefined, chartRef: { kind: 'OCIRepository', name } }, ready))
    here.put(...others, ...['d', 'e'].map((name) => release(name, {}, ready)))
    const before = here.server.log.length
    expect(await helmReleases.look(here.world())).toEqual([])
    const asked = here.server.log.slice(before).flatMap(({ verb, resource }) => (resource === '' ? [] : [`${verb} ${resource}`]))
    expect(asked.toSorted()).toEqual(['get helmrepositories', 'list helmreleases', 'list ocirepositories'])
  })

  it('is not known while Flux is at work, and where its source is what fails', async () => {
    const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'Progressing', message: "Running 'install' action" }]
    here.put(helmRepository({}, ready), release('external-secrets', {}, { conditions }))
    expect(await helmReleases.look(here.world())).toMatchObject([{ notSeen: 'HelmRelease external-secrets/external-secrets' }])
    here.put(helmRepository({}, failing('IndexationFailed', 'no such host')), release('external-secrets', {}, noVersion))
    expect(await helmReleases.look(here.world())).toMatchObject([
      { why: expect.stringContaining('HelmRepository external-secrets/charts') },
    ])
    here.put(helmRepository({}, ready))
    expect(await helmReleases.look(here.world())).toMatchObject([{ why: expect.stringContaining('no chart version found') }])
  })

  it('is not known where HelmReleases may not be listed', async () => {
    here.server.allow('nobody', [])
    await expect(helmReleases.look({ ...here.world(), cluster: await here.connect('nobody') })).rejects.toMatchObject({ id: 'forbidden' })
  })
})

describe('where charts come from', () => {
  it('is judged as it matters: an error where the release waits for it, else a warning', async () => {
    here.put(helmRepository({}, failing('IndexationFailed', 'no such host')), release('external-secrets', {}, noVersion))
    const [finding, ...others] = await fluxSources.look(here.world())
    expect(others).toEqual([])
    expect(finding).toMatchObject({ about: 'HelmRepository external-secrets/charts', why: expect.stringContaining('no such host') })
    expect(finding).not.toHaveProperty('severity')
    here.put(release('external-secrets', {}, ready))
    expect(await fluxSources.look(here.world())).toMatchObject([{ severity: 'warning' }])
  })

  it('is not judged where it is suspended, and that is told', async () => {
    here.put(helmRepository({ suspend: true }, failing('IndexationFailed', 'no')), release('external-secrets', { suspend: true }, ready))
    expect(await fluxSources.look(here.world())).toEqual([])
    const all = await fluxSuspended.look(here.world())
    expect(all.map((each) => 'fix' in each && [each.about, ...each.fix])).toEqual([
      ['HelmRelease external-secrets/external-secrets', 'flux resume helmrelease external-secrets -n external-secrets'],
      ['HelmRepository external-secrets/charts', 'flux resume source helm charts -n external-secrets'],
    ])
  })

  it('is a part that is not known where it may not be read', async () => {
    here.put(helmRepository({}, failing('IndexationFailed', 'no')), release('external-secrets', {}, ready))
    const list = (group: string) => ({ apiGroups: [group], resources: ['*'], verbs: ['list'] })
    here.server.allow(
      'lister',
      ['helm', 'kustomize', 'source'].map((each) => list(`${each}.toolkit.fluxcd.io`)),
    )
    const cluster = await here.connect('lister')
    for (const check of [fluxSources, fluxSuspended])
      expect(await check.look({ ...here.world(), cluster })).toMatchObject([{ notSeen: 'HelmRepository external-secrets/charts' }])
    here.server.allow(
      'less',
      ['kustomize', 'source'].map((each) => list(`${each}.toolkit.fluxcd.io`)),
    )
    const less = await here.connect('less')
    expect(await fluxSources.look({ ...here.world(), cluster: less })).toMatchObject([{ notSeen: 'the Helm releases' }])
  })
})

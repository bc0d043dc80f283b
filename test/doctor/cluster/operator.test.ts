import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { crdsServed } from '../../../src/doctor/cluster/definitions.ts'
import { operatorRuns } from '../../../src/doctor/cluster/operator.ts'
import { crdsCurrent } from '../../../src/doctor/cluster/stored-versions.ts'
import { esoCrds } from '../../../src/sandbox/external-secrets/crds.ts'
import { fluxCrds } from '../../../src/sandbox/flux/crds.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { failing, gitRepository, kustomization, ready } from '../../flux/cluster.ts'
import { enabledFiles, found } from '../worlds.ts'
import { bringsOperator, type Ground, openGround, operator, release, store, waitingPod } from './ground.ts'

const flux = fluxCrds({})
let here: Ground
afterEach(() => here.close())

/** The Flux Kustomization that has applied the operator's HelmRelease. */
const bringer = (status: object) => kustomization('operator', {}, { ...status, inventory: { entries: [{ id: bringsOperator, v: 'v2' }] } })

describe('operator-runs', () => {
  beforeEach(async () => {
    here = await openGround()
  })

  it('is true of one that runs; its webhook is judged elsewhere', async () => {
    here.put(...operator())
    expect(await operatorRuns.look(here.world())).toEqual([])
    const [, webhook] = operator('2.9.0', { ready: 0 })
    if (webhook) here.put(webhook)
    expect(await operatorRuns.look(here.world())).toEqual([])
  })

  it('finds one that does not, and why; a cert controller may be missing for a while', async () => {
    here.put(
      ...operator('2.9.0', { ready: 0 }),
      waitingPod('external-secrets', { reason: 'ImagePullBackOff', message: 'Back-off pulling image' }),
    )
    const all = await operatorRuns.look(here.world())
    expect(found(all)).toEqual([
      'Deployment external-secrets/external-secrets: The container main waits: ImagePullBackOff, Back-off pulling image.',
      'Deployment external-secrets/external-secrets-cert-controller: Its pods are not ready, and do not say why.',
    ])
    expect(all).toMatchObject([{ fix: ['kubectl describe pods -n external-secrets'] }, { severity: 'warning' }])
    expect(all[0]).not.toHaveProperty('severity')
  })

  it('warns of one of which a part of the replicas runs', async () => {
    here.put(...operator('2.9.0', { replicas: 2, ready: 1 }))
    expect((await operatorRuns.look(here.world())).map((each) => 'about' in each && [each.about, each.severity])).toEqual([
      ['Deployment external-secrets/external-secrets', 'warning'],
      ['Deployment external-secrets/external-secrets-cert-controller', 'warning'],
    ])
  })

  it('finds that it is not there', async () => {
    expect(await operatorRuns.look(here.world())).toEqual([
      { about: 'External Secrets Operator', why: 'Its API is served, but no Deployment runs it.', fix: ['eso-bootstrap init'] },
    ])
  })

  it('believes stores that are Ready: it may run in a way that is not known here', async () => {
    here.put(store('onepassword', 'external-secrets', ready))
    expect(await operatorRuns.look(here.world())).toEqual([])
  })

  it.each<[string, () => void, why: string]>([
    [
      'a HelmRelease that fails',
      () => here.put(release('external-secrets', {}, failing('InstallFailed', 'no'))),
      'The HelmRelease external-secrets/external-secrets, which brings it, is not Ready.',
    ],
    [
      'the Flux Kustomization that has applied it',
      () => here.put(gitRepository(), bringer(failing('BuildFailed', 'no'))),
      'The Flux Kustomization flux-system/operator, which brings it, is failing.',
    ],
    [
      'what that one waits for',
      () =>
        here.put(gitRepository(), kustomization('crds', { suspend: true }), {
          ...bringer(ready),
          spec: { ...bringer(ready)['spec'], dependsOn: [{ name: 'crds' }] },
        }),
      'The Flux Kustomization flux-system/crds, which brings it, is suspended.',
    ],
    [
      'the root, where nothing tells which one brings it',
      () => here.put(gitRepository(), kustomization('flux-system', {}, failing('BuildFailed', 'no'))),
      'The Flux Kustomization flux-system/flux-system, which brings it, is failing.',
    ],
  ])('leaves it to Flux’s checks where the cause is %s', async (_, make, why) => {
    make()
    expect(await operatorRuns.look(here.world())).toEqual([{ notSeen: 'External Secrets Operator', why }])
  })

  it('finds the Flux Kustomization by what it builds, where it has applied nothing yet', async () => {
    const files = {
      'operator/kustomization.yaml': 'resources: [release.yaml]\n',
      'operator/release.yaml':
        'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: eso }\nspec: { chart: { spec: { chart: external-secrets } } }\n',
    }
    here.put(gitRepository(), kustomization('flux-system', {}, ready), kustomization('operator', {}, failing('BuildFailed', 'no')))
    expect(await operatorRuns.look(here.world(files))).toMatchObject([{ why: expect.stringContaining('flux-system/operator') }])
    expect(await operatorRuns.look(here.world())).toMatchObject([{ about: 'External Secrets Operator' }])
  })
})

describe('crds-served', () => {
  it('is true where all three kinds are served', async () => {
    here = await openGround()
    expect(await crdsServed.look(here.world())).toEqual([])
  })

  it('finds that a chart was told to leave them out, and that nothing is there', async () => {
    here = await openGround(flux)
    expect(await crdsServed.look(here.world())).toMatchObject([{ why: 'Its CRDs are not on this cluster.' }])
    here.put(...operator())
    const [finding] = await crdsServed.look(here.world())
    expect(finding).toMatchObject({ about: 'External Secrets Operator', why: expect.stringContaining('installCRDs is true') })
  })

  it('finds one that is missing among the others, and one of which nothing is served', async () => {
    const [cluster, namespaced, external] = esoCrds(2, 9, {})
    if (!cluster || !namespaced || !external) throw new Error('there are no CRDs')
    const versions = namespaced['spec'].versions.map((each: object) => ({ ...each, served: false }))
    here = await openGround([...flux, { ...namespaced, spec: { ...namespaced['spec'], versions } }])
    expect(found(await crdsServed.look(here.world()))).toEqual([
      'CustomResourceDefinition clustersecretstores.external-secrets.io: It is missing, while others of the same chart are there.',
      'CustomResourceDefinition secretstores.external-secrets.io: None of its versions is served.',
      'CustomResourceDefinition externalsecrets.external-secrets.io: It is missing, while others of the same chart are there.',
    ])
  })

  it('lets a chart leave out the kind of store that no file declares', async () => {
    const [cluster, , ...rest] = esoCrds(2, 9, {})
    if (!cluster) throw new Error('there are no CRDs')
    here = await openGround([...flux, cluster, ...rest])
    expect(await crdsServed.look(here.world())).toEqual([])
    expect(await crdsServed.look(here.world(await enabledFiles()))).toMatchObject([
      { about: 'CustomResourceDefinition secretstores.external-secrets.io' },
    ])
    await here.close()
    here = await openGround([...flux, ...rest])
    expect(await crdsServed.look(here.world())).toMatchObject([
      { about: 'CustomResourceDefinition clustersecretstores.external-secrets.io' },
      { about: 'CustomResourceDefinition secretstores.external-secrets.io' },
    ])
  })

  it('leaves it to Flux’s checks where Flux has yet to bring them', async () => {
    here = await openGround(flux)
    here.put(gitRepository(), bringer(failing('BuildFailed', 'no')))
    expect(await crdsServed.look(here.world())).toMatchObject([{ notSeen: 'the API external-secrets.io' }])
  })
})

describe('crds-current', () => {
  const stored = (plural: string, storedVersions: string[]) => {
    const name = `${plural}.external-secrets.io`
    const status = here.server.store.get(kinds.crd, undefined, name)?.['status']
    here.server.store.status(kinds.crd, undefined, name, { ...status, storedVersions })
  }

  it.each([
    [[2, 9], '2.9.0'],
    [[0, 16], '0.16.2'],
    [[0, 11], '0.11.0'],
  ] as const)('is true of a chart %j that was installed as it is', async ([major, minor], version) => {
    here = await openGround([...flux, ...esoCrds(major, minor, {})])
    here.put(...operator(version))
    expect(await crdsCurrent.look(here.world())).toEqual([])
  })

  it('finds what may still be stored at a version that has ended', async () => {
    here = await openGround()
    here.put(...operator())
    stored('externalsecrets', ['v1beta1', 'v1'])
    stored('clustersecretstores', ['v1alpha1', 'v1beta1', 'v1'])
    const all = await crdsCurrent.look(here.world())
    expect(found(all)).toEqual([
      'CustomResourceDefinition clustersecretstores.external-secrets.io: Objects may still be stored at v1alpha1 and v1beta1, no longer served: a chart that drops it is refused by the API server.',
      'CustomResourceDefinition externalsecrets.external-secrets.io: Objects may still be stored at v1beta1, no longer served: a chart that drops it is refused by the API server.',
    ])
    expect(all[1]).toMatchObject({
      fix: [
        'kubectl get externalsecrets.external-secrets.io -A -o json | kubectl replace -f -',
        `kubectl patch crd externalsecrets.external-secrets.io --subresource=status --type=merge -p '{"status":{"storedVersions":["v1"]}}'`,
      ],
    })
  })

  it.each([
    ['2.9.0', [0, 15], 'The operator 2.9.0 reads v1, which this CRD does not serve: the two come from different charts.'],
    ['0.11.0', [2, 9], 'The operator 0.11.0 reads v1beta1, which this CRD does not serve: the two come from different charts.'],
  ] as const)('finds that an operator %s has CRDs of %j', async (version, [major, minor], why) => {
    here = await openGround([...flux, ...esoCrds(major, minor, {})])
    here.put(...operator(version))
    const all = await crdsCurrent.look(here.world())
    expect(all).toHaveLength(4)
    expect(all[0]).toMatchObject({ about: 'CustomResourceDefinition clustersecretstores.external-secrets.io', why, severity: 'error' })
  })

  it('finds a webhook for conversion that was left behind', async () => {
    const service = { namespace: 'external-secrets', name: 'external-secrets-webhook' }
    const [first, ...rest] = esoCrds(2, 9, {})
    if (first === undefined) throw new Error('there are no CRDs')
    const conversion = { strategy: 'Webhook', webhook: { clientConfig: { service }, conversionReviewVersions: ['v1'] } }
    here = await openGround([...flux, { ...first, spec: { ...first['spec'], conversion } }, ...rest])
    here.put(...operator())
    expect(await crdsCurrent.look(here.world())).toMatchObject([
      {
        about: 'CustomResourceDefinition clustersecretstores.external-secrets.io',
        why: expect.stringContaining('the Service external-secrets/external-secrets-webhook does not exist'),
        fix: [expect.stringContaining('"strategy":"None"')],
      },
    ])
    here.put({ apiVersion: 'v1', kind: 'Service', metadata: service, spec: { ports: [{ port: 443 }] } })
    expect(await crdsCurrent.look(here.world())).toEqual([])
  })

  it('says nothing of an operator whose version is not known', async () => {
    here = await openGround([...flux, ...esoCrds(0, 15, {})])
    here.put(...operator('edge'))
    expect(await crdsCurrent.look(here.world())).toEqual([])
  })
})

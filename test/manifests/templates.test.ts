import { describe, expect, it } from 'vitest'
import { chartValues, objectionsOf } from './crd-schemas.ts'
import { objectsIn, scaffolded } from './scaffolded.ts'

/** The chart line, and the release whose CRDs and values it has: those next to it where its own can't be had. */
const operators = [
  { esoVersion: '0.11.x', crds: ['external-secrets-0.10.7'], values: 'external-secrets-0.12.1', api: 'v1beta1' },
  { esoVersion: '0.11.x', crds: ['external-secrets-0.12.1'], values: 'external-secrets-0.12.1', api: 'v1beta1' },
  { esoVersion: '0.16.x', crds: ['external-secrets-0.16.1'], values: 'external-secrets-0.16.1', api: 'v1' },
  {
    esoVersion: '0.16.x',
    crds: ['external-secrets-0.16.1'],
    values: 'external-secrets-0.16.1',
    api: 'v1beta1',
    externalSecrets: ['v1beta1'],
  },
  { esoVersion: '0.20.4', crds: ['external-secrets-0.20.4'], values: 'external-secrets-0.20.4', api: 'v1' },
  { esoVersion: '1.3.x', crds: ['external-secrets-1.3.2'], values: 'external-secrets-1.3.2', api: 'v1' },
  { esoVersion: '2.9.x', crds: ['external-secrets-1.3.2'], values: 'external-secrets-1.3.2', api: 'v1' },
]
const fluxes = [
  { flux: '2.1', helmRelease: ['v2beta1'], helmRepository: ['v1beta2'], crds: ['helm-controller-0.36.0', 'source-controller-1.3.0'] },
  {
    flux: '2.2',
    helmRelease: ['v2beta1', 'v2beta2'],
    helmRepository: ['v1beta2'],
    crds: ['helm-controller-0.37.2', 'source-controller-1.3.0'],
  },
  {
    flux: '2.7',
    helmRelease: ['v2beta2', 'v2'],
    helmRepository: ['v1beta2', 'v1'],
    crds: ['helm-controller-1.4.0', 'source-controller-1.3.0'],
  },
  { flux: '2.9', helmRelease: ['v2'], helmRepository: ['v1'], crds: ['helm-controller-1.6.0', 'source-controller-1.9.6'] },
]

describe.each(operators)('for External Secrets $esoVersion with $api, by $crds', ({ esoVersion, crds, values, api, externalSecrets }) => {
  it.each(fluxes)('on Flux $flux every object is what its CRD says', async ({ helmRelease, helmRepository, crds: fluxCrds }) => {
    const served = { helmRelease, helmRepository, kustomization: ['v1'], ...(externalSecrets && { externalSecrets }) }
    const objects = objectsIn(await scaffolded({ esoVersion, served }))
    const releases = [...crds, ...fluxCrds, 'kustomize-controller-1.9.6']
    const judged = objects.flatMap((object) => {
      const objections = objectionsOf(releases, object)
      return objections === undefined ? [] : [{ kind: object.kind, apiVersion: object.apiVersion, objections }]
    })
    const newest = (versions: string[]) => versions.at(-1)
    const of = (kind: string, apiVersion: string) => ({ kind, apiVersion, objections: [] })
    const external = (kind: string) => of(kind, `external-secrets.io/${api}`)
    expect(judged.toSorted((a, b) => a.kind.localeCompare(b.kind))).toEqual([
      external('ClusterSecretStore'),
      external('ExternalSecret'),
      of('HelmRelease', `helm.toolkit.fluxcd.io/${newest(helmRelease)}`),
      of('HelmRepository', `source.toolkit.fluxcd.io/${newest(helmRepository)}`),
      of('Kustomization', 'kustomize.toolkit.fluxcd.io/v1'),
      of('Kustomization', 'kustomize.toolkit.fluxcd.io/v1'),
      external('SecretStore'),
    ])
  })

  it('the chart knows every value that the HelmRelease sets', async () => {
    const release = objectsIn(await scaffolded({ esoVersion })).find(({ kind }) => kind === 'HelmRelease')
    expect(release.spec.chart.spec.version).toBe(esoVersion)
    expect(unknownKeys(release.spec.values, chartValues(values))).toEqual([])
  })
})

it('the check of the CRDs sees a field that is not there, a wrong type, and a version that is not served', () => {
  const store = (vaults: unknown, more = {}) => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    spec: { provider: { onepassword: { connectHost: 'x', vaults, auth: { secretRef: { connectTokenSecretRef: {} } }, ...more } } },
  })
  expect(objectionsOf(['external-secrets-1.3.2'], store({ a: 1 }))).toEqual([])
  expect(objectionsOf(['external-secrets-1.3.2'], store({ a: 'b' }))).toHaveLength(1)
  expect(objectionsOf(['external-secrets-1.3.2'], store({ a: 1 }, { vault: 'b' }))).toHaveLength(1)
  expect(objectionsOf(['external-secrets-1.3.2'], { ...store({ a: 1 }), apiVersion: 'external-secrets.io/v1beta1' })).toHaveLength(1)
  expect(objectionsOf(['external-secrets-1.3.2'], { apiVersion: 'apps/v1', kind: 'Deployment' })).toBeUndefined()
  expect(unknownKeys({ webhook: { creat: true } }, chartValues('external-secrets-1.3.2'))).toEqual(['webhook.creat'])
})

/** Values that the chart's own don't have. An empty map takes anything: `resources: {}`. */
function unknownKeys(set: Record<string, unknown>, known: Record<string, unknown>, at = ''): string[] {
  return Object.entries(set).flatMap(([key, value]) => {
    if (!(key in known)) return [at + key]
    const [below, own] = [value, known[key]]
    const isMap = (each: unknown): each is Record<string, unknown> => typeof each === 'object' && each !== null && !Array.isArray(each)
    return isMap(below) && isMap(own) && Object.keys(own).length > 0 ? unknownKeys(below, own, `${at}${key}.`) : []
  })
}

import { describe, expect, it } from 'vitest'
import { objectsIn } from '../../src/manifests/documents.ts'
import { readOperator } from '../../src/manifests/operator.ts'

const read = (spec: string, namespace?: string) =>
  readOperator(
    objectsIn(
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: eso, namespace: flux-system }\nspec: { chart: { spec: { chart: external-secrets } }${spec} }\n`,
    ).map((each) => ({ ...each, file: 'x.yaml', ...(namespace && { namespace }) })),
    true,
  )

describe("the operator's Deployments", () => {
  it.each([
    ['beside the HelmRelease', '', 'flux-system', 'eso-external-secrets'],
    ['in the target namespace, which their name begins with', ', targetNamespace: security', 'security', 'security-eso-external-secrets'],
    [
      'with the name of the release alone, if that holds the chart',
      ', releaseName: my-external-secrets',
      'flux-system',
      'my-external-secrets',
    ],
    ['with the name the values give', ', values: { fullnameOverride: short }', 'flux-system', 'short'],
  ])('are looked for %s', (_, spec, namespace, prefix) => {
    expect(read(spec)?.workloads).toEqual({ namespace, prefix })
  })

  it('follow the namespace that a kustomization gives', () => {
    expect(read('', 'outer')).toMatchObject({ namespace: 'outer', workloads: { namespace: 'outer' } })
  })
})

it('is no HelmRelease of another chart, nor another kind with that chart', () => {
  const others =
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: external-secrets }\nspec: { chart: { spec: { chart: connect } } }\n'
  expect(
    readOperator(
      objectsIn(others).map((each) => ({ ...each, file: 'x.yaml' })),
      true,
    ),
  ).toBeUndefined()
})

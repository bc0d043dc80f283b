import { expect, it } from 'vitest'
import { healthChecksLive } from '../../../src/doctor/files/health-checks.ts'
import type { FilesWorld } from '../../../src/doctor/world.ts'
import { enabledFiles, filesWorld } from '../worlds.ts'

const path = 'clusters/sandbox/stores.yaml'
const about = 'Kustomization flux-system/stores'

function ks(more: string, kind = '      kind: ClusterSecretStore\n', group = 'external-secrets.io') {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: stores
  namespace: flux-system
spec:
  path: ./stores
${more}  healthCheckExprs:
    - apiVersion: helm.toolkit.fluxcd.io/v2
      current: "true"
    - apiVersion: ${group}/v1
${kind}      current: status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')
`
}

const look = (text: string) => healthChecksLive.look(filesWorld({ [path]: text }))
const listed = (kind: string, apiVersion = 'external-secrets.io/v1beta1') =>
  `  healthChecks:\n    - apiVersion: ${apiVersion}\n      kind: ${kind}\n      name: onepassword\n`

it('is true where all is waited for, where the kind is named, for other groups, and for the templates', async () => {
  expect(await look(ks('  wait: true\n'))).toEqual([])
  expect(await look(ks(listed('ClusterSecretStore')))).toEqual([])
  expect(await look(ks(listed('ExternalSecret'), ''))).toEqual([])
  expect(await look(ks('', undefined, 'example.com'))).toEqual([])
  expect(await healthChecksLive.look(filesWorld(await enabledFiles()))).toEqual([])
})

it.each([
  ['nothing is checked', ''],
  ['only the HelmRelease is', listed('HelmRelease', 'helm.toolkit.fluxcd.io/v2')],
  ['only another kind is', listed('ExternalSecret')],
  ['a kind of that name of another group is', listed('ClusterSecretStore', 'example.com/v1')],
])('finds an expression for a store where %s', async (_, more) => {
  const why = expect.stringContaining('Its expression for ClusterSecretStore is never evaluated')
  expect(await look(ks(more))).toMatchObject([{ about, why, at: { path } }])
})

it('names the line of the expression', async () => {
  expect(await look(ks(''))).toMatchObject([{ at: { path, line: 11 } }])
})

it('believes the cluster, where a patch of the parent has added what is missing', async () => {
  const kustomizations = [{ name: 'stores', namespace: 'flux-system', wait: true, healthChecks: [] }]
  const live = { flux: async () => ({ installed: true, kustomizations, sources: [] }) } as unknown as NonNullable<FilesWorld['live']>
  expect(await healthChecksLive.look({ ...filesWorld({ [path]: ks('') }), live })).toEqual([])
})

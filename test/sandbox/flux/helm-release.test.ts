import { afterEach, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { putSecret, ready, reconcile } from '../bootstrap.ts'
import { seedTree } from '../tree.ts'

let sandbox: Sandbox
afterEach(() => sandbox.close())

const release = 'infrastructure/base/external-secrets/operator/helmrelease.yaml'
const state = () => ready(sandbox, kinds.helmRelease, 'external-secrets', 'flux-system')
const served = () => {
  const crd = sandbox.api.store.get(kinds.crd, undefined, 'clustersecretstores.external-secrets.io')
  return crd?.['spec'].versions.filter((each: { served: boolean }) => each.served).map((each: { name: string }) => each.name)
}

test.each([
  ['0.11.x', '0.11.0', ['v1beta1']],
  ['0.16.x', '0.16.2', ['v1', 'v1beta1']],
  ['2.x', '2.9.0', ['v1']],
])('%s installs %s, which serves %j', async (range, version, versions) => {
  sandbox = await startSandbox({ files: seedTree({ version: range }), env: process.env })
  expect(state()).toBe(
    `True InstallSucceeded: Helm install succeeded for release external-secrets/external-secrets.v1 with chart external-secrets@${version}`,
  )
  expect(served()).toEqual(versions)
  const names = sandbox.api.store.list(kinds.deployment, 'external-secrets').map((each) => each.metadata.name)
  expect(names).toEqual(['external-secrets', 'external-secrets-cert-controller', 'external-secrets-webhook'])
})

test('another version is an upgrade; one that isn’t there isn’t', async () => {
  const files = seedTree({ version: '1.0.0' })
  sandbox = await startSandbox({ files, env: process.env })
  await sandbox.clone.commit({ [release]: files[release]?.replace('1.0.0', '2.6.0') ?? '' }, 'Upgrade')
  await reconcile(sandbox)
  expect(state()).toBe(
    'True UpgradeSucceeded: Helm upgrade succeeded for release external-secrets/external-secrets.v2 with chart external-secrets@2.6.0',
  )
  await sandbox.clone.commit({ [release]: files[release]?.replace('1.0.0', '9.9.9') ?? '' }, 'Upgrade too far')
  await reconcile(sandbox)
  expect(state()).toMatch(/^False SourceNotReady: .*no 'external-secrets' chart with version matching '9.9.9' found$/)
})

test('the CRDs are the chart’s: they come with its value, and go with the release', async () => {
  const files = seedTree()
  sandbox = await startSandbox({ files, env: process.env })
  expect(served()).toEqual(['v1'])
  sandbox.api.store.remove(kinds.helmRelease, 'flux-system', 'external-secrets')
  await sandbox.settled()
  expect(served()).toBeUndefined()
  expect(sandbox.api.store.list(kinds.deployment, 'external-secrets')).toEqual([])
})

const connectChart = (version: string) => ({
  'clusters/sandbox/connect.yaml': `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: connect, namespace: flux-system}
spec: {url: 'https://1password.github.io/connect-helm-charts'}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: connect, namespace: flux-system}
spec:
  interval: 10m
  releaseName: connect
  targetNamespace: external-secrets
  install: {createNamespace: true}
  chart:
    spec: {chart: connect, version: ${version}, sourceRef: {kind: HelmRepository, name: connect}}
`,
})

test.each([
  ['2.2.1', 'base64', 200],
  ['2.2.1', 'json', 500],
  ['2.4.1', 'base64', 500],
  ['2.4.1', 'json', 200],
])('the chart connect %s with %s in the Secret: %i', async (version, encoding, status) => {
  sandbox = await startSandbox({ files: connectChart(version), env: process.env })
  const connect = () => ready(sandbox, kinds.helmRelease, 'connect', 'flux-system')
  expect(connect()).toMatch(/^Unknown Progressing: Running 'install' action/)
  const json = sandbox.access.credentials.reveal()
  putSecret(sandbox, 'op-credentials', '1password-credentials.json', encoding === 'json' ? json : btoa(json))
  await sandbox.settled()
  expect(connect()).toBe(
    `True InstallSucceeded: Helm install succeeded for release external-secrets/connect.v1 with chart connect@${version}`,
  )
  const headers = { Authorization: `Bearer ${sandbox.access.mint().reveal()}` }
  expect((await fetch(`${sandbox.connect()[0]?.url}/v1/vaults`, { headers })).status).toBe(status)
})

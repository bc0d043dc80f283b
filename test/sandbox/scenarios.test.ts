import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { kinds } from '../../src/sandbox/kinds.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { enabled, withVault } from '../../src/sandbox/scenarios/files.ts'
import { scenarioNamed, scenarios } from '../../src/sandbox/scenarios.ts'
import { putSecret, ready, reconcile, secretValue } from './bootstrap.ts'
import { warnings } from './external-secrets/fixture.ts'
import { seedTree } from './tree.ts'

let sandbox: Sandbox
afterEach(() => sandbox?.close())

async function start(scenario: string) {
  sandbox = await startSandbox({ scenario, files: seedTree(), env: process.env })
}

/** What a bootstrap by hand does: the Secrets as they were handed out, the patches, and a push. */
async function bootstrap(): Promise<void> {
  const credentials = await readFile(sandbox.credentialsPath)
  putSecret(sandbox, 'onepassword-connect-secret', '1password-credentials.json', credentials.toString('base64'))
  putSecret(sandbox, 'onepassword-connect-token', 'token', await readFile(sandbox.tokenPath, 'utf8'))
  const base = 'infrastructure/base/external-secrets'
  const paths = [`${base}/kustomization.yaml`, `${base}/secretstores/onepassword-secretstore.yaml`]
  const texts = await Promise.all(paths.map(async (path) => [path, await readFile(join(sandbox.repository, path), 'utf8')] as const))
  await sandbox.clone.commit(enabled(withVault(Object.fromEntries(texts), sandbox.vault)), 'Enable Connect and the stores')
  await reconcile(sandbox)
}

const flux = (name: string) => ready(sandbox, kinds.kustomization, name, 'flux-system')
const store = () => ready(sandbox, kinds.clusterSecretStore, 'onepassword')
const arrived = () => secretValue(sandbox, 'example', 'api-key') === sandbox.item.value

test('each has a name that can be typed, and a sentence', () => {
  for (const [name, { says }] of Object.entries(scenarios)) {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(says).toMatch(/^[A-Z].*\.$/)
  }
  expect(() => scenarioNamed('constructor')).toThrow('no scenario constructor')
})

test('healthy: nothing is there yet, and a bootstrap is all it takes', async () => {
  await start('healthy')
  expect(sandbox.api.store.list(kinds.secret)).toEqual([])
  expect(store()).toBe('no condition')
  await bootstrap()
  expect(arrived()).toBe(true)
})

test('flux-absent: no kind of Flux is served', async () => {
  await start('flux-absent')
  expect(sandbox.api.store.list(kinds.crd)).toEqual([])
})

test('wrong-encoding: Connect runs, and answers 500', async () => {
  await start('wrong-encoding')
  expect(warnings(sandbox, 'onepassword')).toContain('status 500: failed to initiate, review service logs')
})

test('dead-lock: not even the HelmRelease gets through', async () => {
  await start('dead-lock')
  expect(flux('external-secrets')).toMatch(
    /^False ReconciliationFailed: ClusterSecretStore\/onepassword dry-run failed: no matches for kind/,
  )
  expect(sandbox.api.store.list(kinds.helmRelease)).toEqual([])
})

test('v1beta1-only: works, with manifests of its time', async () => {
  await start('v1beta1-only')
  await bootstrap()
  expect(sandbox.api.store.list(kinds.clusterSecretStore)[0]?.apiVersion).toBe('external-secrets.io/v1beta1')
  expect(arrived()).toBe(true)
})

test.each([
  ['v1-only-old-manifests', 'v1beta1'],
  ['missing-crd', 'v1'],
])('%s: the stores can’t be applied', async (name, version) => {
  await start(name)
  await bootstrap()
  const text = `no matches for kind "ClusterSecretStore" in version "external-secrets.io/${version}"`
  expect(flux('external-secrets')).toBe(`False ReconciliationFailed: ClusterSecretStore/onepassword dry-run failed: ${text}`)
})

test.each(['suspended', 'tag-source', 'oci-source'])('%s: what is pushed doesn’t arrive', async (name) => {
  await start(name)
  await bootstrap()
  expect(store()).toBe('no condition')
})

test('oci-source: names the commit that the artifact was made of', async () => {
  await start('oci-source')
  const { lastAppliedRevision, lastAppliedOriginRevision } =
    sandbox.api.store.get(kinds.kustomization, 'flux-system', 'flux-system')?.['status'] ?? {}
  expect(lastAppliedRevision).toMatch(/^latest@sha256:[0-9a-f]{64}$/)
  expect(lastAppliedOriginRevision).toBe(`main@sha1:${(await sandbox.clone.git('rev-parse', 'HEAD')).trim()}`)
})

test('unpushed-commit: a push is all that is missing in git', async () => {
  await start('unpushed-commit')
  expect(await sandbox.clone.git('status', '--short', '--branch')).toContain('ahead 1')
  await sandbox.clone.git('push', '--quiet')
  await reconcile(sandbox)
  expect(store()).toMatch(/^False/)
})

test('protected-branch: the remote declines main, and takes another branch', async () => {
  await start('protected-branch')
  await expect(sandbox.clone.commit({ 'a.txt': 'a' }, 'Try')).rejects.toThrow('git push')
  await sandbox.clone.git('push', '--quiet', 'origin', 'HEAD:refs/heads/change')
})

test.each([
  ['dead-token', 'status 401: Invalid bearer token'],
  ['expired-token', 'status 401: Invalid bearer token'],
  ['wrong-vault', 'Found 0 vaults with title "Catalyst-ESO"'],
  ['duplicate-vault', 'Found 2 vaults with title "catalyst-eso"'],
])('%s: the store says %j', async (name, message) => {
  await start(name)
  await bootstrap()
  expect(warnings(sandbox, 'onepassword')).toContain(message)
  expect(arrived()).toBe(false)
})

test('stale-ready: Ready, with a token that Connect refuses', async () => {
  await start('stale-ready')
  expect(store()).toBe('True Valid: store validated')
  expect(arrived()).toBe(true)
  const [server] = sandbox.connect()
  const token = secretValue(sandbox, 'onepassword-connect-token', 'token')
  expect((await fetch(`${server?.url}/v1/vaults`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401)
})

test('slow-connect: it takes its time, and arrives', async () => {
  await start('slow-connect')
  await bootstrap()
  expect(arrived()).toBe(true)
})

test('foreign-secret: the token Secret has an owner', async () => {
  await start('foreign-secret')
  const secret = sandbox.api.store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
  expect(secret?.metadata.ownerReferences).toMatchObject([{ kind: 'ExternalSecret' }])
})

test('locked: somebody holds the lease', async () => {
  await start('locked')
  const lease = sandbox.api.store.get({ group: 'coordination.k8s.io', kind: 'Lease' }, 'external-secrets', 'eso-bootstrap')
  expect(lease?.['spec'].holderIdentity).toContain('another-machine')
})

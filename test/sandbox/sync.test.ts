import { afterEach, expect, test } from 'vitest'
import { createConnectAccess } from '../../src/sandbox/connect/identity.ts'
import { kinds } from '../../src/sandbox/kinds.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { annotate, putBootstrapSecrets, putSecret, ready, reconcile, secretValue } from './bootstrap.ts'
import { live, seedTree } from './tree.ts'

let sandbox: Sandbox
afterEach(() => sandbox.close())

async function start(tree: Parameters<typeof seedTree>[0] = { vault: 'catalyst-eso' }) {
  sandbox = await startSandbox({ files: seedTree(tree), env: process.env })
}

const store = () => ready(sandbox, kinds.clusterSecretStore, 'onepassword')
const synced = () => secretValue(sandbox, 'example', 'api-key')

test('a value arrives byte for byte, when the Secrets are there and the patches are pushed', async () => {
  await start()
  expect(synced()).toBeUndefined()
  putBootstrapSecrets(sandbox)
  await sandbox.clone.commit(live, 'Enable Connect and the stores')
  await reconcile(sandbox)
  expect(store()).toBe('True Valid: store validated')
  expect(ready(sandbox, kinds.kustomization, 'external-secrets', 'flux-system')).toMatch(
    /^True ReconciliationSucceeded: Applied revision: main@sha1:/,
  )
  expect(synced()).toBe(sandbox.item.value)
})

test('the same from a mounted file, which holds the JSON itself', async () => {
  await start({ vault: 'catalyst-eso', mounted: true })
  putBootstrapSecrets(sandbox, sandbox.access.credentials.reveal())
  await sandbox.clone.commit(live, 'Enable Connect and the stores')
  await reconcile(sandbox)
  expect(synced()).toBe(sandbox.item.value)
})

test('a commit that isn’t pushed changes nothing', async () => {
  await start()
  putBootstrapSecrets(sandbox)
  await sandbox.clone.commit(live, 'Enable Connect and the stores', { push: false })
  await reconcile(sandbox)
  expect(store()).toBe('no condition')
  expect(synced()).toBeUndefined()
  await sandbox.clone.git('push', '--quiet')
  await reconcile(sandbox)
  expect(synced()).toBe(sandbox.item.value)
})

test('a vault that isn’t there leaves the store unready, and nothing syncs', async () => {
  await start({ vault: 'homelab' })
  putBootstrapSecrets(sandbox)
  await sandbox.clone.commit(live, 'Enable Connect and the stores')
  await reconcile(sandbox)
  expect(store()).toBe('False InvalidProviderConfig: unable to validate store')
  expect(warnings('ClusterSecretStore')).toContain('Found 0 vaults with title "homelab"')
  expect(synced()).toBeUndefined()
})

test('raw JSON in the environment variable: the pod runs, Connect answers 500, nothing syncs', async () => {
  await start()
  putBootstrapSecrets(sandbox, sandbox.access.credentials.reveal())
  await sandbox.clone.commit(live, 'Enable Connect and the stores')
  await reconcile(sandbox)
  const [pod] = sandbox.api.store
    .list(kinds.pod, 'external-secrets')
    .filter((each) => each.metadata.labels?.['app'] === 'onepassword-connect')
  expect(pod?.['status'].phase).toBe('Running')
  expect(pod?.['status'].containerStatuses.every((each: { ready: boolean }) => each.ready)).toBe(true)
  expect(warnings('ClusterSecretStore')).toContain('status 500: failed to initiate, review service logs')
  expect(synced()).toBeUndefined()

  // The right value alone isn't seen: the environment of a running container is what it was.
  const right = Buffer.from(sandbox.access.credentials.reveal()).toString('base64')
  putSecret(sandbox, 'onepassword-connect-secret', '1password-credentials.json', right)
  await revalidate()
  expect(store()).toMatch(/^False/)
  if (pod) sandbox.api.store.remove(kinds.pod, 'external-secrets', pod.metadata.name)
  await sandbox.settled()
  await revalidate()
  expect(store()).toBe('True Valid: store validated')
})

test('base64 text in a mounted file is as wrong as raw JSON in the environment', async () => {
  await start({ vault: 'catalyst-eso', mounted: true })
  putBootstrapSecrets(sandbox)
  await sandbox.clone.commit(live, 'Enable Connect and the stores')
  await reconcile(sandbox)
  expect(synced()).toBeUndefined()
})

test('credentials of another Connect server don’t go with the token', async () => {
  await start()
  const { credentials, identity } = createConnectAccess('other')
  sandbox.account.servers.push(identity)
  putBootstrapSecrets(sandbox, Buffer.from(credentials.reveal()).toString('base64'))
  await sandbox.clone.commit(live, 'Enable Connect and the stores')
  await reconcile(sandbox)
  expect(warnings('ClusterSecretStore')).toContain('status 401: Invalid token signature')
  expect(synced()).toBeUndefined()
})

test('a token that was revoked: Ready stays until somebody touches the store', async () => {
  await start()
  putBootstrapSecrets(sandbox)
  await sandbox.clone.commit(live, 'Enable Connect and the stores')
  await reconcile(sandbox)
  const token = secretValue(sandbox, 'onepassword-connect-token', 'token') ?? ''
  sandbox.account.revoked.add(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti)
  await sandbox.settled()
  expect(store()).toMatch(/^True/)
  await revalidate()
  expect(store()).toMatch(/^False/)
})

async function revalidate(): Promise<void> {
  const object = sandbox.api.store.get(kinds.clusterSecretStore, undefined, 'onepassword')
  if (object) annotate(sandbox, object, 'eso-bootstrap/revalidate')
  await sandbox.settled()
}

function warnings(kind: string): string[] {
  const events = sandbox.api.store.list(kinds.event)
  return events.filter((each) => each['type'] === 'Warning' && each['involvedObject'].kind === kind).map((each) => each['message'])
}

import { afterEach, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { putSecret, ready } from '../bootstrap.ts'
import { putExternalSecret, revalidate, startReady, warnings } from './fixture.ts'

let sandbox: Sandbox
afterEach(() => sandbox.close())

const store = () => ready(sandbox, kinds.clusterSecretStore, 'onepassword')

test.each([
  ['0.11.0', 'False ValidationFailed: unable to validate store: status 401: Invalid bearer token', 'ReadOnly'],
  ['0.18.2', 'False ValidationFailed: unable to validate store: status 401: Invalid bearer token', 'ReadWrite'],
  ['0.19.2', 'False InvalidProviderConfig: unable to validate store: status 401: Invalid bearer token', 'ReadWrite'],
  ['2.9.0', 'False InvalidProviderConfig: unable to validate store', 'ReadWrite'],
])('version %s tells of a bad token in its own way', async (version, text, capabilities) => {
  sandbox = await startReady(version)
  expect(store()).toBe('True Valid: store validated')
  putSecret(sandbox, 'onepassword-connect-token', 'token', 'not.a.token')
  await sandbox.settled()
  // Nobody watches the Secret: the store is as Ready as before.
  expect(store()).toBe('True Valid: store validated')
  await revalidate(sandbox)
  expect(store()).toBe(text)
  expect(sandbox.api.store.get(kinds.clusterSecretStore, undefined, 'onepassword')?.['status'].capabilities).toBe(capabilities)
  expect(warnings(sandbox, 'onepassword')).toContain('status 401: Invalid bearer token')
})

test('each validation is told in an event, also one that changes nothing', async () => {
  sandbox = await startReady()
  const valid = () => {
    const events = sandbox.api.store.list(kinds.event).filter((each) => each['involvedObject'].name === 'onepassword')
    return events.find((each) => each['type'] === 'Normal')
  }
  const before = valid()
  expect(before).toMatchObject({ reason: 'Valid', message: 'store validated', source: { component: 'cluster-secret-store' } })
  await revalidate(sandbox)
  expect(valid()?.['count']).toBe((before?.['count'] ?? 0) + 1)
})

test('a token with a newline, a key that isn’t there, a Secret that isn’t there', async () => {
  sandbox = await startReady()
  const { store: objects } = sandbox.api
  const token = sandbox.access.mint({ vaults: sandbox.account.vaults.map(({ id }) => ({ id })) }).reveal()
  putSecret(sandbox, 'onepassword-connect-token', 'token', `${token}\n`)
  await revalidate(sandbox)
  expect(warnings(sandbox, 'onepassword').join()).toContain('net/http: invalid header field value for "Authorization"')

  putSecret(sandbox, 'onepassword-connect-token', 'other', token)
  await revalidate(sandbox)
  expect(store()).toBe('False InvalidProviderConfig: unable to create client')
  expect(warnings(sandbox, 'onepassword')).toContain('cannot find secret data for key: "token"')

  objects.remove(kinds.secret, 'external-secrets', 'onepassword-connect-token')
  await revalidate(sandbox)
  const missing =
    'cannot get Kubernetes secret "onepassword-connect-token" from namespace "external-secrets": secrets "onepassword-connect-token" not found'
  expect(warnings(sandbox, 'onepassword')).toContain(missing)
})

test('an ExternalSecret waits at the gate while the store isn’t Ready', async () => {
  sandbox = await startReady()
  putSecret(sandbox, 'onepassword-connect-token', 'token', 'not.a.token')
  await revalidate(sandbox)
  const data = [{ secretKey: 'v', remoteRef: { key: sandbox.item.title, property: sandbox.item.field } }]
  await putExternalSecret(sandbox, { name: 'gated', spec: { data } })
  expect(warnings(sandbox, 'gated')).toEqual([
    'error processing spec.data[0] (key: my-app-credentials), err: ClusterSecretStore "onepassword" is not ready',
  ])
})

test('a vault by its id, and no vault by an id in capitals', async () => {
  sandbox = await startReady()
  const { store: objects } = sandbox.api
  const rename = async (key: string) => {
    const live = objects.get(kinds.clusterSecretStore, undefined, 'onepassword')
    if (!live) throw new Error('there is no store')
    live['spec'].provider.onepassword.vaults = { [key]: 1 }
    objects.put(live, 'a-person')
    await sandbox.settled()
  }
  const id = sandbox.account.vaults[0]?.id ?? ''
  await rename(id)
  expect(store()).toBe('True Valid: store validated')
  await rename(id.toUpperCase())
  expect(warnings(sandbox, 'onepassword')).toContain(`Found 0 vaults with title "${id.toUpperCase()}"`)
})

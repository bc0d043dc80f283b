import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Rule } from '../../../src/sandbox/api/access.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { mayAll } from '../../sandbox/rules.ts'
import type { Flags } from '../init/stage.ts'
import { idsIn, reportIn, statesIn } from './schema.ts'
import { openRotation, type Rotation } from './stage.ts'

let rotation: Rotation
beforeAll(async () => {
  rotation = await openRotation()
})
afterAll(() => rotation?.close())

const least = [
  ...['clustersecretstores', 'secretstores', 'externalsecrets'].map((resource) => mayAll('external-secrets.io', resource)),
  mayAll('', 'secrets', { namespaces: ['external-secrets'] }),
  mayAll('coordination.k8s.io', 'leases', { namespaces: ['external-secrets'] }),
]
const events = mayAll('', 'events')
const connect = [mayAll('', 'services'), mayAll('', 'pods')]

/** A rotation by somebody who may do no more than this. */
async function rotateAs(rules: Rule[], flags: Flags = {}) {
  const { api, folder } = rotation.sandbox
  api.allow('somebody', rules)
  const kubeconfig = join(folder, 'somebody')
  await writeFile(kubeconfig, api.kubeconfig('somebody'), { mode: 0o600 })
  const token = await rotation.newToken()
  const report = reportIn(await rotation.rotate({ token: token.path, kubeconfig, output: 'json', timeout: '20s', ...flags }))
  const step = (id: string) => report.clusters[0]?.steps.find((each) => each.id === id)
  return { report, token, step }
}

test.each([
  ['forward a port', [...connect], 'this user may not forward a port to a pod in external-secrets'],
  ['find the pod of Connect', [mayAll('', 'services')], 'You may not list pods in external-secrets'],
  ['find the Service of Connect', [], 'You may not get services onepassword-connect in external-secrets'],
])('who may not %s goes on without the trial, and is told', async (_, more, why) => {
  const { report, token, step } = await rotateAs([...least, events, ...more])
  expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
  expect(step('trial')).toMatchObject({
    state: 'skipped',
    says: `not tried on Connect: ${why}; the synchronisation alone has to prove it`,
  })
  expect(rotation.held()).toBe(token.value)
})

test('who may forward a port to a pod in the namespace of Connect alone has it tried', async () => {
  const forward = mayAll('', 'pods/portforward', { namespaces: ['external-secrets'] })
  const { report, step } = await rotateAs([...least, events, ...connect, forward])
  expect(report.verdict).toBe('rotated')
  expect(step('trial')?.says).toBe('Connect accepts the new token: it reads 2 vaults')
})

test('who may not list Secrets everywhere is told that copies were not looked for', async () => {
  const { report, step } = await rotateAs([...least, events])
  expect(report.verdict).toBe('rotated')
  expect(step('uses')?.notes).toEqual(['Other namespaces were not searched for copies of the token: this user may not list Secrets there.'])
})

test('who may not see events is not told that a store was validated anew', async () => {
  const { report, step } = await rotateAs(least)
  expect(report.verdict).toBe('rotated')
  expect(statesIn(report)).toMatchObject({ revalidated: 'made', synced: 'made' })
  expect(step('revalidated')?.notes).toEqual([
    'ClusterSecretStore onepassword is Ready; that it was validated anew was not told',
    'SecretStore onepassword is Ready; that it was validated anew was not told',
  ])
})

test('who may not read the Secret of another store is told, and deletes no old token', async () => {
  const { store } = rotation.sandbox.api
  const found = store.get(kinds.clusterSecretStore, undefined, 'onepassword')
  const { onepassword } = found?.['spec'].provider ?? {}
  const auth = { secretRef: { connectTokenSecretRef: { name: 'apps-token', key: 'token', namespace: 'apps' } } }
  const spec = { provider: { onepassword: { ...onepassword, auth } } }
  store.put({ apiVersion: found?.apiVersion ?? '', kind: 'ClusterSecretStore', metadata: { name: 'apps' }, spec }, 'a-person')
  await rotation.sandbox.settled()
  const { report, step } = await rotateAs([...least, events], { store: 'onepassword' })
  const refused = await rotateAs([...least, events], { store: 'onepassword', 'revoke-old': true })
  store.remove(kinds.clusterSecretStore, undefined, 'apps')
  expect(report.verdict).toBe('rotated')
  expect(step('uses')?.notes[0]).toBe(
    'Whether Secret apps/apps-token of ClusterSecretStore apps holds the same token is not known: this user may not read it.',
  )
  expect(refused.report).toMatchObject({ verdict: 'failed', exitCode: 4, clusters: [{ verdict: 'blocked' }] })
  expect(idsIn(refused.report)).toEqual(['token-perhaps-elsewhere'])
})

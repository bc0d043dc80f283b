import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../src/kubernetes/client.ts'
import type { Access, Cluster, PodPort } from '../../src/kubernetes/cluster.ts'
import { podBehind } from '../../src/kubernetes/service-pod.ts'
import { listVaults } from '../../src/onepassword/connect.ts'
import { makeId } from '../../src/sandbox/credentials.ts'
import { wantedMinor } from '../cluster/binaries.ts'
import { failureOf } from '../onepassword/failure-of.ts'
import { seedFiles } from './layouts.ts'
import { startTranscript } from './transcript.ts'
import { startWorld, type World } from './world.ts'

// Nobody types anything here that the transcripts of other scenarios don't have.
const transcript = startTranscript('port-forward')
const signal = new AbortController().signal
const namespace = 'external-secrets'
let world: World
let cluster: Cluster
let pod: PodPort

beforeAll(async () => {
  world = await startWorld({ transcript, files: await seedFiles() })
  cluster = await connectBy('admin', world.plane.kubeconfig)
})
afterAll(async () => {
  cluster?.close()
  await world?.stop()
})

async function connectBy(name: string, text: string): Promise<Cluster> {
  const { folder } = world.plane.processes
  const kubeconfig = join(folder, `${name}.kubeconfig`)
  await writeFile(kubeconfig, text, { mode: 0o600 })
  return connect({ kubeconfig, env: {}, home: folder, timeout: 20_000 })
}

const vaultsOf = (token = world.access.mint({ vaults: [{ id: world.vault.id }] }), by = cluster) =>
  listVaults(() => by.forward(pod, signal), token, { deadline: 10_000, signal })

test('Connect is set up, and its pod found behind the store’s connectHost', async () => {
  const release = `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${namespace}/helmreleases/external-secrets`
  const ready = async () => (await world.api.get(release))?.['status']?.conditions?.find((each: { type: string }) => each.type === 'Ready')
  await expect.poll(ready, { timeout: 300_000, interval: 1_000 }).toMatchObject({ status: 'True' })
  const { code, text } = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--credentials', world.credentials, '--token', await world.token()],
    ...['--vault', world.vault.title, '--git', 'push'],
  )
  expect({ code, text }).toMatchObject({ code: 0 })
  const [store] = await world.api.list('/apis/external-secrets.io/v1beta1/clustersecretstores')
  const found = await podBehind(cluster, store?.['spec'].provider.onepassword.connectHost, { signal })
  expect(found).toEqual({ namespace, name: expect.stringMatching(/^onepassword-connect-/), port: 8080 })
  pod = found as PodPort
})

test('a new token is tried on it, through the API server and the node', async () => {
  expect(await vaultsOf()).toEqual({ is: 'accepted', vaults: [{ id: world.vault.id, name: world.vault.title }] })
  const id = makeId()
  world.account.revoked.add(id)
  expect(await vaultsOf(world.access.mint({ id }))).toEqual({ is: 'refused', status: 401 })
})

test('where nothing listens, and where there is no pod', async () => {
  const stream = await cluster.forward({ ...pod, port: 9 }, signal)
  expect(await failureOf(() => stream.toArray())).toMatchObject({ id: 'pod-port-unreachable' })
  expect(await failureOf(() => cluster.forward({ ...pod, name: 'nobody' }, signal))).toMatchObject({ id: 'not-found' })
})

test('it needs get, and since Kubernetes 1.35 create as well', async () => {
  const jane = await connectBy('jane', await world.plane.asUser('jane'))
  const may = async (...verbs: ('get' | 'create')[]) => {
    const apiGroup = 'rbac.authorization.k8s.io'
    const of = (kind: string, spec: object) =>
      world.api.apply({ apiVersion: `${apiGroup}/v1`, kind, metadata: { name: 'jane', namespace }, ...spec })
    await of('Role', { rules: [{ apiGroups: [''], resources: ['pods/portforward'], verbs }] })
    await of('RoleBinding', { roleRef: { apiGroup, kind: 'Role', name: 'jane' }, subjects: [{ apiGroup, kind: 'User', name: 'jane' }] })
    const all = ['get', 'create'] as const
    const reviews = all.map((verb): Access => ({ verb, group: '', resource: 'pods', subresource: 'portforward', namespace }))
    const lacking = async () => (await jane.forbidden(reviews)).map(({ verb }) => verb)
    await expect.poll(lacking, { timeout: 10_000 }).toEqual(all.filter((verb) => !verbs.includes(verb)))
  }
  const refused = (verb: string) => ({ id: 'forbidden', message: `You may not ${verb} pods/portforward ${pod.name} in ${namespace}.` })
  await may('create')
  expect(await failureOf(() => vaultsOf(undefined, jane))).toMatchObject(refused('get'))
  await may('get')
  if (wantedMinor() === '1.34') expect(await vaultsOf(undefined, jane)).toMatchObject({ is: 'accepted' })
  else expect(await failureOf(() => vaultsOf(undefined, jane))).toMatchObject(refused('create'))
  await may('get', 'create')
  expect(await vaultsOf(undefined, jane)).toMatchObject({ is: 'accepted' })
  jane.close()
})

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ApiServer, startApiServer } from '../../../src/sandbox/api/server.ts'
import type { AccountModel } from '../../../src/sandbox/connect/account.ts'
import { createConnectAccess } from '../../../src/sandbox/connect/identity.ts'
import { type Controllers, runControllers } from '../../../src/sandbox/controller.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { deploymentController } from '../../../src/sandbox/workloads/deployments.ts'
import { type Kubelet, kubelet } from '../../../src/sandbox/workloads/kubelet.ts'
import { routeTo } from '../../../src/sandbox/workloads/network.ts'

let api: ApiServer
let node: Kubelet
let controllers: Controllers
let logs: Map<string, string>
const access = createConnectAccess('account')
const base64 = Buffer.from(access.credentials.reveal()).toString('base64')

beforeEach(async () => {
  api = await startApiServer()
  logs = new Map()
  const account: AccountModel = { servers: [access.identity], vaults: [], revoked: new Set() }
  node = kubelet(api.store, account, { delay: 0, connectDelay: 0, onLog: ({ container }, text) => void logs.set(container, text) })
  controllers = runControllers(api.store, [deploymentController(api.store), node])
})
afterEach(async () => {
  await controllers.close()
  await api.close()
})

const env = [{ name: 'OP_SESSION', valueFrom: { secretKeyRef: { name: 'credentials', key: 'json' } } }]
const labels = { app: 'connect' }

async function deploy(annotations = {}, replicas = 1, ports: object[] = [{ name: 'http', containerPort: 8080 }]) {
  const containers = [{ name: 'api', image: '1password/connect-api:1.7.3', env, ports }]
  const spec = { replicas, selector: { matchLabels: labels }, template: { metadata: { labels, annotations }, spec: { containers } } }
  api.store.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'connect', namespace: 'default' }, spec }, 'test')
  await controllers.settled()
}

async function putSecret(data: Record<string, string>) {
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)]))
  api.store.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'credentials', namespace: 'default' }, data: encoded }, 'test')
  await controllers.settled()
}

const pods = () => api.store.list(kinds.pod, 'default')
const status = () => api.store.get(kinds.deployment, 'default', 'connect')?.['status']
const waiting = () => pods()[0]?.['status'].containerStatuses[0].state.waiting

test('a pod waits for its Secret, then for the key in it, and starts by itself', async () => {
  await deploy()
  expect(waiting()).toEqual({ reason: 'CreateContainerConfigError', message: 'secret "credentials" not found' })
  expect(status()).toMatchObject({ replicas: 1, availableReplicas: 0 })
  await putSecret({ other: 'x' })
  expect(waiting().message).toBe("couldn't find key json in Secret default/credentials")
  await putSecret({ json: base64 })
  expect(pods()[0]?.['status'].phase).toBe('Running')
  expect(status()).toMatchObject({
    readyReplicas: 1,
    conditions: expect.arrayContaining([expect.objectContaining({ type: 'Available', status: 'True' })]),
  })
  expect(node.running()).toHaveLength(1)
})

test('a running container keeps what it saw; a new template starts anew', async () => {
  await putSecret({ json: access.credentials.reveal() })
  await deploy()
  const [first] = pods()
  expect(logs.get('api')).toContain('illegal base64 data at input byte 0')
  const answer = async () =>
    (await fetch(`${node.running()[0]?.url}/v1/vaults`, { headers: { Authorization: `Bearer ${access.mint().reveal()}` } })).status
  expect(await answer()).toBe(500)
  await putSecret({ json: base64 })
  expect(await answer()).toBe(500)
  await deploy({ 'kubectl.kubernetes.io/restartedAt': 'now' })
  expect(pods()).toHaveLength(1)
  expect(pods()[0]?.metadata.name).not.toBe(first?.metadata.name)
  expect(await answer()).toBe(200)
})

test('replicas, and a Deployment that goes', async () => {
  await putSecret({ json: base64 })
  await deploy({}, 2)
  expect(pods()).toHaveLength(2)
  await deploy({}, 0)
  expect(pods()).toHaveLength(0)
  expect(node.running()).toHaveLength(0)
  await deploy({}, 1)
  api.store.remove(kinds.deployment, 'default', 'connect')
  await controllers.settled()
  expect(pods()).toHaveLength(0)
})

const host = 'http://connect.default.svc.cluster.local'
const service = (port: object, selector: object = labels) =>
  api.store.put(
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'connect', namespace: 'default' }, spec: { selector, ports: [port] } },
    'test',
  )
const route = (url: string, from = 'default') => routeTo(api.store, node, url, from)

test('a name leads to Connect only through a Service that fits', async () => {
  await putSecret({ json: base64 })
  expect(route(`${host}:8080`)).toEqual({ error: expect.stringMatching(/lookup connect.default.svc.cluster.local .*no such host$/) })
  service({ port: 8080, targetPort: 'http' })
  expect(route(`${host}:8080`)).toEqual({ error: expect.stringMatching(/connection refused$/) })
  await deploy()
  const reached = { url: node.running()[0]?.url }
  expect(route(`${host}:8080`)).toEqual(reached)
  expect(route('http://connect:8080')).toEqual(reached)
  expect(route('http://connect:8080', 'elsewhere')).toEqual({ error: expect.stringMatching(/no such host$/) })
  expect(route('http://connect.default:8080', 'elsewhere')).toEqual(reached)
  expect(route(host)).toEqual({ error: expect.stringMatching(/:80: i\/o timeout$/) })
  expect(route(`${host.replace('http', 'https')}:8080`)).toEqual({ error: 'http: server gave HTTP response to HTTPS client' })
  expect(route('http://connect.example.com:8080')).toEqual({ error: expect.stringMatching(/no such host$/) })
  service({ port: 8080, targetPort: 8081 })
  expect(route(`${host}:8080`)).toEqual({ error: expect.stringMatching(/connection refused$/) })
  service({ port: 80, targetPort: 'http' })
  expect(route(host)).toEqual(reached)
  service({ port: 80, targetPort: 'http' }, { app: 'other' })
  expect(route(host)).toEqual({ error: expect.stringMatching(/connection refused$/) })
})

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { pods } from '../../src/kubernetes/resources.ts'
import { podBehind } from '../../src/kubernetes/service-pod.ts'
import { kinds } from '../../src/sandbox/kinds.ts'
import { failureOf } from '../onepassword/failure-of.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

const namespace = 'external-secrets'
const selector = { app: 'connect', tier: 'api' }

function putService(spec: object): void {
  sandbox.server.store.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'connect', namespace }, spec }, 'test')
}

function putPod(name: string, { ready = true, labels = selector as object, more = {} as object, finalizers = [] as string[] } = {}): void {
  const ports = [
    { name: 'metrics', containerPort: 9 },
    { name: 'http', containerPort: 53, protocol: 'UDP' },
    { name: 'http', containerPort: 8080 },
    { containerPort: 1 },
  ]
  sandbox.server.store.put(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { ...labels, extra: 'x' }, finalizers },
      spec: { containers: [{ name: 'sync' }, { name: 'api', ports }], ...more },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    },
    'test',
  )
}

beforeEach(() => {
  for (const pod of sandbox.server.store.list(kinds.pod, namespace)) sandbox.server.store.remove(kinds.pod, namespace, pod.metadata.name)
  sandbox.server.store.remove(kinds.service, namespace, 'connect')
  putService({ selector, ports: [{ port: 8081 }, { port: 8080 }] })
  putPod('connect-1')
})

const behind = (url: string, from?: string) => podBehind(sandbox.cluster, url, { namespace: from })
const host = `http://connect.${namespace}.svc.cluster.local`
const reached = (port = 8080) => ({ namespace, name: 'connect-1', port })

it.each([
  ['http://connect:8080', namespace],
  [`http://connect.${namespace}:8080`, 'elsewhere'],
  [`http://connect.${namespace}.svc:8080`, undefined],
  [`${host}:8080`, undefined],
  [`${host}.:8080/`, undefined],
  [`http://Connect.${namespace}.svc.home.lab:8080`, undefined],
])('%s leads to the pod', async (url, from) => {
  expect(await behind(url, from)).toEqual(reached())
})

it.each([
  ['http://connect:8080', undefined, 'http://connect:8080 is no Service of this cluster'],
  ['http://connect.example.com:8080', undefined, 'http://connect.example.com:8080 is no Service of this cluster'],
  ['http://10.96.0.12:8080', undefined, 'http://10.96.0.12:8080 is no Service of this cluster'],
  ['http://[fd00::1]:8080', namespace, 'http://[fd00::1]:8080 is no Service of this cluster'],
  ['connect.external-secrets.svc:8080', undefined, 'the connectHost is no Service of this cluster'],
  ['not a URL', namespace, 'the connectHost is no Service of this cluster'],
  [
    `https://me:canary@connect.${namespace}.svc:8443/x?canary`,
    undefined,
    `https://connect.${namespace}.svc:8443 is an https address, which can't be asked through a port-forward`,
  ],
  ['http://connect:8080', 'default', "the Service connect in default doesn't exist"],
  [`${host}:8082`, undefined, `the Service connect in ${namespace} has no port 8082`],
  [host, undefined, `the Service connect in ${namespace} has no port 80`],
])('%s, from %s: %s', async (url, from, why) => {
  expect(await behind(url, from)).toEqual({ why })
})

it('goes by the target port: its number, its name in any container, a sidecar among them, and TCP only', async () => {
  putService({ selector, ports: [{ port: 80, targetPort: 8443 }] })
  expect(await behind(host)).toEqual(reached(8443))
  putService({ selector, ports: [{ port: 80, targetPort: 'http' }] })
  expect(await behind(host)).toEqual(reached())
  putService({ selector, ports: [{ port: 80, targetPort: 'proxy' }] })
  expect(await behind(host)).toEqual({ why: `the Service connect in ${namespace} sends port 80 to a port that its pods don't name` })
  const named = (containerPort: number, more: object) => ({ name: 'c', ports: [{ name: 'proxy', containerPort }], ...more })
  putPod('connect-1', { more: { initContainers: [named(1, {}), named(2, { restartPolicy: 'Always' })] } })
  expect(await behind(host)).toEqual(reached(2))
  const udp = { protocol: 'UDP' }
  putService({
    selector,
    ports: [
      { port: 80, targetPort: 'dns', ...udp },
      { port: 80, targetPort: 'http' },
    ],
  })
  expect(await behind(host)).toEqual(reached())
})

it('takes the port as it is where the Service is headless', async () => {
  putService({ selector, clusterIP: 'None', ports: [{ port: 80, targetPort: 9 }] })
  expect(await behind(`${host}:8080`)).toEqual(reached())
})

it('takes a pod that is ready, has all the labels and is not on its way out', async () => {
  putPod('connect-0', { ready: false })
  putPod('another', { labels: { app: 'connect' } })
  putPod('begins-to-go', { finalizers: ['example.com/keep'] })
  await sandbox.cluster.delete(pods, 'begins-to-go', namespace, {})
  expect(await behind(`${host}:8080`)).toEqual(reached())
  putPod('connect-1', { ready: false })
  expect(await behind(`${host}:8080`)).toEqual({ why: `the Service connect in ${namespace} has no ready pod behind it` })
})

it('asks no pod where a Service selects none', async () => {
  putService({ type: 'ExternalName', externalName: 'connect.example.com' })
  const why = `the Service connect in ${namespace} has no selector, so it can't be told which pods are behind it`
  expect(await behind(`${host}:8080`)).toEqual({ why })
})

it('throws what the API server says', async () => {
  sandbox.server.allow('jane', [{ apiGroups: [''], resources: ['services'], verbs: ['get'] }])
  const jane = await sandbox.connect('jane')
  expect(await failureOf(() => podBehind(jane, `${host}:8080`))).toMatchObject({
    id: 'forbidden',
    message: expect.stringContaining('list pods'),
  })
  const reason = new Error('Ctrl-C')
  await expect(podBehind(sandbox.cluster, `${host}:8080`, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { upgrade } from '../../contract/upgrade.ts'
import { startTestServer, type TestServer } from './client.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  server.store.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' } }, 'test')
})
afterAll(() => server.close())

const path = '/api/v1/namespaces/default/pods/p/portforward'

test('a plain GET of pods/portforward asks for too little', async () => {
  const reply = await server.send('GET', `${path}?ports=8080`)
  expect([reply.status, reply.failure.message]).toEqual([400, 'Upgrade request required'])
})

test('a WebSocket needs the port', async () => {
  const reply = await server.send('GET', path, { headers: upgrade })
  expect([reply.status, reply.text]).toEqual([400, 'query parameter "port" is required'])
})

test.each([
  ['the protocol of kubectl, which goes through a tunnel', { 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io' }],
  ['SPDY', { upgrade: 'SPDY/3.1' }],
])('%s is refused without a word', async (_, headers) => {
  const reply = await server.send('GET', `${path}?ports=8080`, { headers: { ...upgrade, ...headers } })
  expect([reply.status, reply.text]).toEqual([403, ''])
})

test('it takes the right to create as well, and the refusal does not say which one is missing', async () => {
  server.allow('jane', [{ apiGroups: [''], resources: ['pods/portforward'], verbs: ['get'] }])
  const reply = await server.send('GET', `${path}?ports=8080`, { headers: upgrade, user: 'jane' })
  expect([reply.status, reply.failure.message]).toEqual([403, 'pods "p" is forbidden: '])
})

test('an upgrade of any other path is a request like all others', async () => {
  const reply = await server.send('GET', '/version', { headers: upgrade })
  expect([reply.status, reply.object['gitVersion']]).toEqual([200, 'v1.34.1'])
})

test('faults are met, and told apart in the log', async () => {
  const answer = { status: 503, reason: 'ServiceUnavailable', message: 'not now', retryAfterSeconds: 7 }
  server.inject({ match: { subresource: 'portforward', name: 'p' }, answer })
  const reply = await server.send('GET', `${path}?ports=8080`, { headers: upgrade })
  expect([reply.status, reply.headers['retry-after'], reply.failure.message]).toEqual([503, '7', 'not now'])
  expect(server.log.at(-1)).toMatchObject({ verb: 'get', resource: 'pods/portforward', query: 'ports=8080', user: 'admin', status: 503 })
  server.inject({ match: { subresource: 'portforward' }, answer: 'drop' })
  await expect(server.send('GET', path, { headers: upgrade })).rejects.toMatchObject({ code: 'ECONNRESET' })
})

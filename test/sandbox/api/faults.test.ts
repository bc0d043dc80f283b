import { afterAll, beforeAll, expect, test } from 'vitest'
import { secret, secrets, startTestServer, type TestServer } from './client.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.send('POST', secrets, { body: secret('there', {}) })
})
afterAll(() => server.close())

test('a fault is met as often as it says, by what it matches only', async () => {
  const answer = { status: 429, reason: 'TooManyRequests', message: 'Too many requests, please try again later.', retryAfterSeconds: 1 }
  server.inject({ match: { verb: 'get', resource: 'secrets', name: 'there' }, times: 2, answer })
  expect((await server.send('GET', secrets)).status).toBe(200)
  for (let time = 0; time < 2; time++) {
    const reply = await server.send('GET', `${secrets}/there`)
    expect([reply.status, reply.headers['retry-after'], reply.failure.reason]).toEqual([429, '1', 'TooManyRequests'])
    expect(reply.failure.details).toEqual({ retryAfterSeconds: 1 })
  }
  expect((await server.send('GET', `${secrets}/there`)).status).toBe(200)
})

test('a dropped connection is a broken one, and nothing is written', async () => {
  server.inject({ match: { verb: 'create' }, answer: 'drop' })
  await expect(server.send('POST', secrets, { body: secret('lost', {}) })).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect((await server.send('GET', `${secrets}/lost`)).status).toBe(404)
})

test('one that hangs is answered by nobody, until close', async () => {
  const other = await startTestServer()
  other.inject({ answer: 'hang' })
  const hanging = other.send('GET', '/version')
  const ended = expect(hanging).rejects.toMatchObject({ code: 'ECONNRESET' })
  await expect.poll(() => other.log).toHaveLength(1)
  expect(other.log[0]?.status).toBe(0)
  await other.close()
  await ended
})

test('logs of a container', async () => {
  const containers = [{ name: 'api' }, { name: 'sync' }]
  server.store.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { containers } }, 'test')
  server.setLog({ namespace: 'default', pod: 'p', container: 'api' }, 'one\ntwo\nthree\n')
  const log = '/api/v1/namespaces/default/pods/p/log'
  expect((await server.send('GET', `${log}?container=api&tailLines=2`)).text).toBe('two\nthree\n')
  expect((await server.send('GET', log)).failure.message).toBe('a container name must be specified for pod p, choose one of: [api sync]')
})

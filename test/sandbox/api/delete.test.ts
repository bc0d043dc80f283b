import { afterAll, beforeAll, expect, test } from 'vitest'
import { secret, secrets, startTestServer, type TestServer } from './client.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('what an object owns goes with it, unless it is orphaned', async () => {
  for (const policy of ['Background', 'Orphan']) {
    const name = policy.toLowerCase()
    const owner = (await server.send('POST', secrets, { body: secret(name, {}) })).object
    const reference = { apiVersion: 'v1', kind: 'Secret', name, uid: owner.metadata.uid }
    const metadata = { name: `${name}-child`, ownerReferences: [reference] }
    await server.send('POST', secrets, { body: secret('', {}, { metadata }) })
    await server.send('DELETE', `${secrets}/${name}?propagationPolicy=${policy}`)
  }
  expect((await server.send('GET', `${secrets}/background-child`)).status).toBe(404)
  const orphan = await server.send('GET', `${secrets}/orphan-child`)
  expect(orphan.status).toBe(200)
  expect(orphan.object.metadata).not.toHaveProperty('ownerReferences')
})

test('a namespace goes with all that is in it, when nothing holds that any more', async () => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'short' } }
  await server.send('POST', '/api/v1/namespaces', { body })
  const inside = '/api/v1/namespaces/short/secrets'
  await server.send('POST', inside, { body: secret('held', {}, { metadata: { name: 'held', finalizers: ['example.test/wait'] } }) })
  const watching = await server.watch('/api/v1/namespaces?watch=1&fieldSelector=metadata.name%3Dshort')
  await watching.next()
  await server.send('DELETE', '/api/v1/namespaces/short')
  expect((await watching.next())?.object['status']).toEqual({ phase: 'Terminating' })
  await server.merge(`${inside}/held`, { metadata: { finalizers: null } })
  expect((await watching.next())?.type).toBe('DELETED')
  watching.stop()
})

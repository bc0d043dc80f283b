import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './client.ts'

let server: TestServer
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
const lease = (name: string, spec: object) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec })

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

test('times have six digits after the point, as metav1.MicroTime', async () => {
  const good = await server.send('POST', leases, { body: lease('good', { renewTime: '2026-01-02T03:04:05.000001Z' }) })
  expect(good.status).toBe(201)
  const bad = await server.send('POST', leases, { body: lease('bad', { renewTime: '2026-01-02T03:04:05.123Z' }) })
  expect([bad.status, bad.failure.reason]).toEqual([400, 'BadRequest'])
})

test('the duration is a whole number', async () => {
  const bad = await server.send('POST', leases, { body: lease('bad', { leaseDurationSeconds: 1.5 }) })
  expect([bad.status, bad.failure.reason]).toEqual([400, 'BadRequest'])
})

test('of two that renew from the same resourceVersion one wins', async () => {
  const made = await server.send('POST', leases, { body: lease('raced', { holderIdentity: 'nobody' }) })
  const { resourceVersion } = made.object.metadata
  const take = (holderIdentity: string) => server.merge(`${leases}/raced`, { metadata: { resourceVersion }, spec: { holderIdentity } })
  const [first, second] = await Promise.all([take('a'), take('b')])
  expect([first.status, second.status].sort()).toEqual([200, 409])
})

test('PUT needs the resourceVersion', async () => {
  await server.send('POST', leases, { body: lease('put', {}) })
  const put = await server.send('PUT', `${leases}/put`, { body: lease('put', { holderIdentity: 'me' }) })
  expect(put.failure.message).toBe(
    'Lease.coordination.k8s.io "put" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  )
})

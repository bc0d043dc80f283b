import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Api, Open } from './api.ts'

const namespace = 'leases'
const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
const lease = (name: string, spec: object) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec })

export function leasesContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
  })
  afterAll(() => server.close())

  test('times have six digits after the point, as metav1.MicroTime', async () => {
    const good = await server.send('POST', leases, { body: lease('good', { renewTime: '2026-01-02T03:04:05.000001Z' }) })
    expect([good.status, good.object['spec'].renewTime]).toEqual([201, '2026-01-02T03:04:05.000001Z'])
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
    const both = await Promise.all([take('a'), take('b')])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(both.find(({ status }) => status === 409)?.failure).toMatchObject({
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on leases.coordination.k8s.io "raced": the object has been modified; please apply your changes to the latest version and try again',
      details: { name: 'raced', group: 'coordination.k8s.io', kind: 'leases' },
    })
  })

  test('PUT needs the resourceVersion', async () => {
    await server.send('POST', leases, { body: lease('put', {}) })
    const put = await server.send('PUT', `${leases}/put`, { body: lease('put', { holderIdentity: 'me' }) })
    expect([put.status, put.failure.message]).toEqual([
      422,
      'leases.coordination.k8s.io "put" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    ])
  })

  test('it is deleted only as it was read', async () => {
    const made = (await server.send('POST', leases, { body: lease('released', { holderIdentity: 'me' }) })).object.metadata
    await server.merge(`${leases}/released`, { spec: { holderIdentity: 'somebody else' } })
    const preconditions = { uid: made.uid, resourceVersion: made.resourceVersion }
    const late = await server.send('DELETE', `${leases}/released`, { body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions } })
    expect([late.status, late.failure.reason]).toEqual([409, 'Conflict'])
    expect((await server.send('GET', `${leases}/released`)).status).toBe(200)
  })
}

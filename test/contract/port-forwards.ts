import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Api, Open } from './api.ts'
import { upgrade } from './upgrade.ts'

const namespace = 'port-forwards'
const path = `/api/v1/namespaces/${namespace}/pods/nobody/portforward`

/** What is refused before a node is asked; what a node does with a port-forward is in the end-to-end suite. */
export function portForwardsContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
    await server.allow('jane', [{ apiGroups: [''], resources: ['pods/portforward'], verbs: ['create'], namespaces: [namespace] }])
  })
  afterAll(() => server.close())

  test.each([
    ['a plain GET', {}],
    ['a WebSocket', upgrade],
  ])('a pod that is not there is 404: %s', async (_, headers) => {
    const reply = await server.send('GET', `${path}?ports=8080`, { headers })
    expect(reply.failure).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'pods "nobody" not found',
      reason: 'NotFound',
      details: { name: 'nobody', kind: 'pods' },
      code: 404,
    })
    expect([reply.status, reply.headers['content-type']]).toEqual([404, 'application/json'])
  })

  test('without the right to get it, 403', async () => {
    const reply = await server.send('GET', `${path}?ports=8080`, { headers: upgrade, user: 'jane' })
    expect([reply.status, reply.failure.message]).toEqual([
      403,
      `pods "nobody" is forbidden: User "jane" cannot get resource "pods/portforward" in API group "" in the namespace "${namespace}"`,
    ])
  })

  test('with a wrong token, 401', async () => {
    const reply = await server.send('GET', `${path}?ports=8080`, { headers: { ...upgrade, authorization: 'Bearer nonsense' } })
    expect([reply.status, reply.failure.message]).toEqual([401, 'Unauthorized'])
  })

  test('a port that is no number, 400', async () => {
    const reply = await server.send('GET', `${path}?ports=http`, { headers: upgrade })
    expect([reply.status, reply.failure.reason, reply.failure.message]).toEqual([
      400,
      'BadRequest',
      'cannot convert to []int32: strconv.ParseUint: parsing "http": invalid syntax',
    ])
  })
}

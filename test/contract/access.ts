import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, type Open, secret, secretsIn } from './api.ts'

const namespace = 'access'
const secrets = secretsIn(namespace)

export function accessContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
    await server.allow('jane', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch'], namespaces: [namespace] }])
    await server.send('POST', secrets, { body: secret('there', {}) })
  })
  afterAll(() => server.close())

  const asJane = (method: string, path: string, more: object = {}) => server.send(method, path, { ...more, user: 'jane' })

  test('a wrong token is 401', async () => {
    const reply = await server.send('GET', secrets, { headers: { authorization: 'Bearer nonsense' } })
    expect(reply.status).toBe(401)
    expect(reply.failure).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    })
  })

  test('without credentials one is anonymous: health and version, nothing else', async () => {
    const headers = { authorization: '' }
    expect((await server.send('GET', '/readyz', { headers })).status).toBe(200)
    expect((await server.send('GET', '/version', { headers })).status).toBe(200)
    const apis = await server.send('GET', '/apis', { headers })
    expect([apis.status, apis.failure.message]).toEqual([403, 'forbidden: User "system:anonymous" cannot get path "/apis"'])
    const list = await server.send('GET', secrets, { headers })
    expect(list.failure.message).toBe(
      `secrets is forbidden: User "system:anonymous" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
    )
  })

  test.each([
    ['GET', secrets, `secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`],
    [
      'DELETE',
      `${secrets}/x`,
      `secrets "x" is forbidden: User "jane" cannot delete resource "secrets" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'GET',
      '/apis/apps/v1/deployments',
      'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at the cluster scope',
    ],
    [
      'GET',
      `/api/v1/namespaces/${namespace}`,
      `namespaces "${namespace}" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'GET',
      '/api/v1/namespaces',
      'namespaces is forbidden: User "jane" cannot list resource "namespaces" in API group "" at the cluster scope',
    ],
    [
      'GET',
      `/api/v1/namespaces/${namespace}/pods/p/log`,
      `pods "p" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "${namespace}"`,
    ],
    [
      'GET',
      `${secretsIn('kube-system')}/x`,
      'secrets "x" is forbidden: User "jane" cannot get resource "secrets" in API group "" in the namespace "kube-system"',
    ],
    ['GET', '/metrics', 'forbidden: User "jane" cannot get path "/metrics"'],
  ])('%s %s is 403', async (method, path, message) => {
    const reply = await asJane(method, path)
    expect([reply.status, reply.failure.reason, reply.failure.message]).toEqual([403, 'Forbidden', message])
  })

  test('what may not be created is refused before it is looked at', async () => {
    const reply = await asJane('POST', secrets, { body: { kind: 'Nonsense' } })
    expect([reply.status, reply.failure.message]).toEqual([
      403,
      `secrets is forbidden: User "jane" cannot create resource "secrets" in API group "" in the namespace "${namespace}"`,
    ])
    expect(reply.failure.details).toEqual({ kind: 'secrets' })
  })

  test('what the rules grant is allowed; discovery and health are for everybody', async () => {
    expect((await asJane('GET', `${secrets}/there`)).status).toBe(200)
    for (const path of ['/api', '/apis', '/api/v1', '/version', '/readyz', '/openapi/v3'])
      expect((await asJane('GET', path)).status).toBe(200)
  })

  test('to create by apply takes the right to create as well', async () => {
    const body = secret('fresh', {})
    const sending = { body, type: 'application/apply-patch+yaml' }
    const refused = await asJane('PATCH', `${secrets}/fresh?fieldManager=me`, sending)
    expect(refused.failure.message).toBe(
      `secrets "fresh" is forbidden: User "jane" cannot create resource "secrets" in API group "" in the namespace "${namespace}"`,
    )
    expect((await asJane('PATCH', `${secrets}/there?fieldManager=me`, { ...sending, body: secret('there', {}) })).status).toBe(200)
  })

  test('SelfSubjectAccessReview answers from the same rules', async () => {
    const ask = async (resourceAttributes: object, user?: string) => {
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } }
      const reply = await server.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body, ...(user && { user }) })
      expect(reply.status).toBe(201)
      return reply.object['status'].allowed
    }
    expect(await ask({ verb: 'get', resource: 'secrets', namespace }, 'jane')).toBe(true)
    expect(await ask({ verb: 'get', resource: 'secrets', namespace: 'other' }, 'jane')).toBe(false)
    expect(await ask({ verb: 'get', resource: 'secrets' }, 'jane')).toBe(false)
    expect(await ask({ verb: 'delete', resource: 'secrets', namespace }, 'jane')).toBe(false)
    expect(await ask({ verb: 'delete', resource: 'secrets', namespace })).toBe(true)
  })

  test('SelfSubjectReview says who one is', async () => {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const reply = await asJane('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body })
    expect([reply.status, reply.object['status'].userInfo.username]).toEqual([201, 'jane'])
    expect(reply.object['status'].userInfo.groups).toContain('system:authenticated')
  })

  test('too many requests in flight are 429 in plain text, with the seconds after which to try again', async () => {
    const reply = await server.overload()
    expect([reply.status, reply.text, reply.headers['retry-after'], reply.headers['content-type']]).toEqual([
      429,
      'Too many requests, please try again later.\n',
      '1',
      'text/plain; charset=utf-8',
    ])
  })

  test('a rule for one name lets a list and a watch of that name through', async () => {
    await server.allow('joe', [
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['there'], verbs: ['get', 'list', 'watch'], namespaces: [namespace] },
    ])
    const asJoe = (path: string) => server.send('GET', path, { user: 'joe' })
    expect((await asJoe(secrets)).status).toBe(403)
    expect((await asJoe(`${secrets}?fieldSelector=metadata.name%3Dthere`)).status).toBe(200)
    expect((await asJoe(`${secrets}/there`)).status).toBe(200)
    expect((await asJoe(`${secrets}/other`)).status).toBe(403)
    const watching = await server.watch(`${secrets}?watch=1&fieldSelector=metadata.name%3Dthere`, 'joe')
    expect([watching.status, (await watching.next())?.object.metadata.name]).toEqual([200, 'there'])
    watching.stop()
  })
}

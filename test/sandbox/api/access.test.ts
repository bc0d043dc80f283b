import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRead } from '../../../src/sandbox/api/requests.ts'
import { secret, secrets, startTestServer, type TestServer } from './client.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    users: [
      {
        name: 'jane',
        groups: ['devs'],
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch'], namespaces: ['default'] }],
      },
    ],
  })
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

test('without a token one is anonymous: health and version, nothing else', async () => {
  const headers = { authorization: '' }
  expect((await server.send('GET', '/readyz', { headers })).status).toBe(200)
  expect((await server.send('GET', '/version', { headers })).status).toBe(200)
  const apis = await server.send('GET', '/apis', { headers })
  expect([apis.status, apis.failure.message]).toEqual([403, 'forbidden: User "system:anonymous" cannot get path "/apis"'])
  const list = await server.send('GET', secrets, { headers })
  expect(list.failure.message).toBe(
    'secrets is forbidden: User "system:anonymous" cannot list resource "secrets" in API group "" in the namespace "default"',
  )
})

test.each([
  ['GET', secrets, 'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"'],
  [
    'DELETE',
    `${secrets}/x`,
    'secrets "x" is forbidden: User "jane" cannot delete resource "secrets" in API group "" in the namespace "default"',
  ],
  [
    'GET',
    '/apis/apps/v1/deployments',
    'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at the cluster scope',
  ],
  [
    'GET',
    '/api/v1/namespaces/default',
    'namespaces "default" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "default"',
  ],
  [
    'GET',
    '/api/v1/namespaces/default/pods/p/log',
    'pods "p" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"',
  ],
  [
    'GET',
    '/api/v1/namespaces/kube-system/secrets/x',
    'secrets "x" is forbidden: User "jane" cannot get resource "secrets" in API group "" in the namespace "kube-system"',
  ],
  ['GET', '/metrics', 'forbidden: User "jane" cannot get path "/metrics"'],
])('%s %s is 403', async (method, path, message) => {
  const reply = await asJane(method, path)
  expect([reply.status, reply.failure.reason, reply.failure.message]).toEqual([403, 'Forbidden', message])
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
    'secrets "fresh" is forbidden: User "jane" cannot create resource "secrets" in API group "" in the namespace "default"',
  )
  expect((await asJane('PATCH', `${secrets}/there?fieldManager=me`, { ...sending, body: secret('there', {}) })).status).toBe(200)
})

test('SelfSubjectAccessReview answers from the same rules', async () => {
  const ask = async (resourceAttributes: object, user = 'jane') => {
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } }
    const reply = await server.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body, user })
    expect(reply.status).toBe(201)
    return reply.object['status'].allowed
  }
  expect(await ask({ verb: 'get', resource: 'secrets', namespace: 'default' })).toBe(true)
  expect(await ask({ verb: 'get', resource: 'secrets', namespace: 'other' })).toBe(false)
  expect(await ask({ verb: 'delete', resource: 'secrets', namespace: 'default' })).toBe(false)
  expect(await ask({ verb: 'delete', resource: 'secrets', namespace: 'default' }, 'admin')).toBe(true)
})

test('allow replaces what a user may do', async () => {
  server.allow('joe', [{ apiGroups: ['*'], resources: ['*'], verbs: ['list'] }])
  expect((await server.send('GET', secrets, { user: 'joe' })).status).toBe(200)
  server.allow('joe', [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['there'], verbs: ['get', 'list'] }])
  expect((await server.send('GET', secrets, { user: 'joe' })).status).toBe(403)
  expect((await server.send('GET', `${secrets}?fieldSelector=metadata.name%3Dthere`, { user: 'joe' })).status).toBe(200)
  expect((await server.send('GET', `${secrets}/other`, { user: 'joe' })).status).toBe(403)
})

test('every request is in the log, with who and what came of it', async () => {
  server.log.length = 0
  await asJane('GET', `${secrets}?limit=1`)
  await server.send('GET', `${secrets}/there`)
  expect(server.log).toEqual([
    { method: 'GET', path: secrets, query: 'limit=1', user: 'jane', verb: 'list', resource: 'secrets', status: 403 },
    { method: 'GET', path: `${secrets}/there`, query: '', user: 'admin', verb: 'get', resource: 'secrets', status: 200 },
  ])
})

test('reviews, dry runs and reads change nothing; all else may', async () => {
  server.log.length = 0
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {} }
  await server.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body: review })
  await server.send('PUT', `${secrets}/there?dryRun=All`, { body: secret('there', {}) })
  await server.send('GET', secrets)
  await server.send('GET', '/version')
  expect(server.log.every(isRead)).toBe(true)
  await server.merge(`${secrets}/there`, {})
  await server.send('DELETE', `${secrets}/nobody`)
  expect(server.log.slice(-2).map(isRead)).toEqual([false, false])
})

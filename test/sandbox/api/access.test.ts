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

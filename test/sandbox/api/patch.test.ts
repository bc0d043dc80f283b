import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './client.ts'

let server: TestServer
const path = '/apis/apps/v1/namespaces/default/deployments/app'
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

beforeEach(() => {
  server.store.remove({ group: 'apps', kind: 'Deployment' }, 'default', 'app')
  const containers = [
    { name: 'api', image: 'api:1', args: ['-v'] },
    { name: 'sync', image: 'sync:1' },
  ]
  const metadata = { name: 'app', namespace: 'default', annotations: { keep: 'me' } }
  server.store.put(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 2, template: { spec: { containers } } } },
    'test',
  )
})

const patch = (body: unknown, type: string) => server.send('PATCH', path, { body, type })

test('strategic merge goes into lists by their key, merge patch replaces them', async () => {
  const body = { spec: { template: { spec: { containers: [{ name: 'sync', image: 'sync:2' }] } } } }
  const strategic = await patch(body, 'application/strategic-merge-patch+json')
  expect(strategic.object['spec'].template.spec.containers).toEqual([
    { name: 'api', image: 'api:1', args: ['-v'] },
    { name: 'sync', image: 'sync:2' },
  ])
  const merged = await patch(body, 'application/merge-patch+json')
  expect(merged.object['spec'].template.spec.containers).toEqual([{ name: 'sync', image: 'sync:2' }])
})

test('strategic merge deletes an item by directive, and a field by null', async () => {
  const containers = [{ name: 'sync', $patch: 'delete' }]
  const body = { metadata: { annotations: { keep: null, new: 'one' } }, spec: { template: { spec: { containers } } } }
  const done = await patch(body, 'application/strategic-merge-patch+json')
  expect(done.object['spec'].template.spec.containers.map((each: { name: string }) => each.name)).toEqual(['api'])
  expect(done.object.metadata.annotations).toEqual({ new: 'one' })
})

test('JSON patch adds, tests, replaces, moves and removes', async () => {
  const done = await patch(
    [
      { op: 'test', path: '/spec/replicas', value: 2 },
      { op: 'replace', path: '/spec/replicas', value: 3 },
      { op: 'add', path: '/metadata/annotations/a~1b', value: 'c' },
      { op: 'add', path: '/spec/template/spec/containers/0/args/-', value: '-x' },
      { op: 'remove', path: '/spec/template/spec/containers/1' },
      { op: 'move', from: '/metadata/annotations/keep', path: '/metadata/annotations/kept' },
    ],
    'application/json-patch+json',
  )
  expect(done.status).toBe(200)
  expect(done.object['spec'].replicas).toBe(3)
  expect(done.object['spec'].template.spec.containers).toEqual([{ name: 'api', image: 'api:1', args: ['-v', '-x'] }])
  expect(done.object.metadata.annotations).toEqual({ 'a/b': 'c', kept: 'me' })
})

test('a JSON patch that can not be carried out changes nothing', async () => {
  const failed = await patch(
    [
      { op: 'replace', path: '/spec/replicas', value: 5 },
      { op: 'test', path: '/spec/replicas', value: 4 },
    ],
    'application/json-patch+json',
  )
  expect([failed.status, failed.failure.reason]).toEqual([422, 'Invalid'])
  const object = await patch({ spec: {} }, 'application/json-patch+json')
  expect([object.status, object.failure.reason]).toEqual([400, 'BadRequest'])
  expect((await server.send('GET', path)).object['spec'].replicas).toBe(2)
})

test('resourceVersion in a merge patch is a precondition', async () => {
  const stale = await patch({ metadata: { resourceVersion: '1' }, spec: { replicas: 5 } }, 'application/merge-patch+json')
  expect([stale.status, stale.failure.reason]).toEqual([409, 'Conflict'])
})

test('another media type is 415 and lists those there are', async () => {
  const odd = await patch({}, 'application/json')
  expect(odd.status).toBe(415)
  expect(odd.failure.message).toContain('accepted media types include: application/json-patch+json, application/merge-patch+json')
})

test('the generation counts changes of the spec, not of metadata or status', async () => {
  const generation = async () => (await server.send('GET', path)).object.metadata.generation
  expect(await generation()).toBe(1)
  await patch({ spec: { replicas: 5 } }, 'application/merge-patch+json')
  expect(await generation()).toBe(2)
  await patch({ metadata: { labels: { a: 'b' } } }, 'application/merge-patch+json')
  server.store.status({ group: 'apps', kind: 'Deployment' }, 'default', 'app', { replicas: 5 })
  expect(await generation()).toBe(2)
})

test('server-side apply tracks containers by name', async () => {
  const spec = { template: { spec: { containers: [{ name: 'sync', image: 'sync:9' }] } } }
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'app' }, spec }
  const refused = await server.apply(path, body, 'me')
  expect(refused.failure.details?.causes?.map((cause) => cause.field)).toEqual(['.spec.template.spec.containers[name="sync"].image'])
  const forced = await server.apply(path, body, 'me', '&force=true')
  expect(forced.object['spec'].template.spec.containers).toEqual([
    { name: 'api', image: 'api:1', args: ['-v'] },
    { name: 'sync', image: 'sync:9' },
  ])
  const mine = forced.object.metadata.managedFields?.find((entry) => entry.manager === 'me')
  expect(JSON.stringify(mine?.fieldsV1)).toBe(
    '{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"sync\\"}":{".":{},"f:image":{},"f:name":{}}}}}}}',
  )
})

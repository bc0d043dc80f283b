import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Watching } from '../../contract/client.ts'
import { startTestServer, type TestServer } from './client.ts'

let server: TestServer
const maps = '/api/v1/namespaces/default/configmaps'
const kind = { group: '', kind: 'ConfigMap' }
const open: Watching[] = []

beforeAll(async () => {
  server = await startTestServer({ bookmarkEvery: 20 })
})
afterEach(() => {
  for (const watching of open.splice(0)) watching.stop()
  for (const object of server.store.list(kind)) server.store.remove(kind, object.metadata.namespace, object.metadata.name)
})
afterAll(() => server.close())

async function watch(query: string): Promise<Watching> {
  const watching = await server.watch(`${maps}?watch=1&${query}`)
  open.push(watching)
  return watching
}

function put(name: string, data: object, labels: Record<string, string> = {}): string {
  const metadata = { name, namespace: 'default', labels }
  return server.store.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, 'test').metadata.resourceVersion ?? ''
}

test('without a resourceVersion all that is there comes as ADDED, then what happens', async () => {
  put('there', { a: '1' })
  const watching = await watch('')
  expect(await watching.next()).toMatchObject({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'there' } } })
  put('there', { a: '2' })
  expect(await watching.next()).toMatchObject({ type: 'MODIFIED', object: { data: { a: '2' } } })
  put('new', {})
  expect(await watching.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'new' } } })
  server.store.remove(kind, 'default', 'there')
  const gone = await watching.next()
  expect(gone).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'there' } } })
  expect(gone?.object.metadata.resourceVersion).toBe(String(server.store.resourceVersion()))
})

test('from a resourceVersion on, what was missed is told', async () => {
  const from = put('one', { a: '1' })
  put('one', { a: '2' })
  put('one', { a: '3' })
  const watching = await watch(`resourceVersion=${from}`)
  expect((await watching.next())?.object['data']).toEqual({ a: '2' })
  expect((await watching.next())?.object['data']).toEqual({ a: '3' })
})

test('a resourceVersion that is too old is an ERROR event with 410, and the end', async () => {
  const from = put('old', {})
  put('old', { a: '1' })
  server.compact()
  const watching = await watch(`resourceVersion=${from}`)
  expect(watching.status).toBe(200)
  expect(await watching.next()).toEqual({
    type: 'ERROR',
    object: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: expect.stringMatching(/^too old resource version: \d+ \(\d+\)$/),
      reason: 'Expired',
      code: 410,
    },
  })
  expect(await watching.next()).toBeUndefined()
})

test('bookmarks carry the resourceVersion of the moment', async () => {
  const from = put('marked', {})
  const watching = await watch(`resourceVersion=${from}&allowWatchBookmarks=true`)
  expect(await watching.next()).toEqual({
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: from, creationTimestamp: null } },
  })
})

test('an object that begins or ceases to match a selector comes and goes', async () => {
  const watching = await watch('labelSelector=show%3Dyes')
  put('shy', {})
  put('shy', {}, { show: 'yes' })
  expect(await watching.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'shy' } } })
  put('shy', {}, { show: 'no' })
  expect(await watching.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'shy' } } })
})

test('a watch of one name sees only that', async () => {
  const watching = await watch('fieldSelector=metadata.name%3Dwanted')
  put('other', {})
  put('wanted', {})
  expect((await watching.next())?.object.metadata.name).toBe('wanted')
})

test('timeoutSeconds ends it', async () => {
  const watching = await watch('timeoutSeconds=1')
  expect(await watching.next()).toBeUndefined()
})

test('sendInitialEvents ends the beginning with an annotated bookmark', async () => {
  put('first', {})
  const watching = await watch('sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan')
  expect((await watching.next())?.type).toBe('ADDED')
  expect(await watching.next()).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  })
})

test('disconnect breaks watches, close frees the port', async () => {
  const watching = await watch('')
  server.disconnect()
  expect(await watching.next()).toBeUndefined()
  const other = await startTestServer()
  await other.close()
  await expect(other.send('GET', '/version')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

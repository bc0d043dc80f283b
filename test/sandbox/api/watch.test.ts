import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './client.ts'

let server: TestServer
const watched = '/api/v1/namespaces/default/configmaps?watch=1'

beforeAll(async () => {
  server = await startTestServer({ bookmarkEvery: 20 })
})
afterAll(() => server.close())

test('bookmarks come as often as was told', async () => {
  const watching = await server.watch(`${watched}&allowWatchBookmarks=true`)
  const resourceVersion = String(server.store.resourceVersion())
  for (const _ of [1, 2]) expect(await watching.next()).toMatchObject({ type: 'BOOKMARK', object: { metadata: { resourceVersion } } })
  watching.stop()
})

test('disconnect breaks watches, close frees the port', async () => {
  const watching = await server.watch(watched)
  server.disconnect()
  expect(await watching.next()).toBeUndefined()
  const other = await startTestServer()
  await other.close()
  await expect(other.send('GET', '/version')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

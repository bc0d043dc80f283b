import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import type { Reply } from '../../contract/client.ts'
import { secrets, startTestServer, type TestServer } from './client.ts'

let server: TestServer
const maps = '/api/v1/namespaces/default/configmaps'
const names = (reply: Reply) => reply.object['items'].map((item: KubernetesObject) => item.metadata.name)

beforeAll(async () => {
  server = await startTestServer()
  for (const [name, labels] of Object.entries({ a: { tier: 'web', env: 'prod' }, b: { tier: 'web' }, c: { tier: 'db' }, d: {} })) {
    server.store.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', labels } }, 'test')
  }
  server.store.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'far', namespace: 'kube-system' } }, 'test')
})
afterAll(() => server.close())

test('a list names its kind and the resourceVersion of the moment', async () => {
  const list = await server.send('GET', maps)
  expect(list.object).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
  expect(list.object.metadata.resourceVersion).toBe(String(server.store.resourceVersion()))
  expect(names(list)).toEqual(['a', 'b', 'c', 'd'])
  expect(names(await server.send('GET', '/api/v1/configmaps'))).toEqual(['a', 'b', 'c', 'd', 'far'])
  expect(names(await server.send('GET', secrets))).toEqual([])
})

test.each([
  ['tier=web', ['a', 'b']],
  ['tier==web,env=prod', ['a']],
  ['tier!=web', ['c', 'd']],
  ['tier in (web,db),!env', ['b', 'c']],
  ['tier notin (web)', ['c', 'd']],
  ['env', ['a']],
])('labelSelector %s', async (selector, expected) => {
  expect(names(await server.send('GET', `${maps}?labelSelector=${encodeURIComponent(selector)}`))).toEqual(expected)
})

test('fieldSelector finds by name and namespace, and refuses what it does not know', async () => {
  expect(names(await server.send('GET', `${maps}?fieldSelector=metadata.name%3Db`))).toEqual(['b'])
  expect(names(await server.send('GET', '/api/v1/configmaps?fieldSelector=metadata.namespace!%3Ddefault'))).toEqual(['far'])
  const odd = await server.send('GET', `${maps}?fieldSelector=data.x%3Db`)
  expect([odd.status, odd.failure.message]).toEqual([400, 'field label not supported: data.x'])
})

test('events are found by what they are about', async () => {
  for (const name of ['x', 'y']) {
    const metadata = { name: `event-${name}`, namespace: 'default' }
    server.store.put({ apiVersion: 'v1', kind: 'Event', metadata, involvedObject: { kind: 'Pod', name }, reason: 'Failed' }, 'kubelet')
  }
  const selector = encodeURIComponent('involvedObject.name=y,involvedObject.kind=Pod')
  expect(names(await server.send('GET', `/api/v1/namespaces/default/events?fieldSelector=${selector}`))).toEqual(['event-y'])
})

test('pages hold what was there when the first was read', async () => {
  const first = await server.send('GET', `${maps}?limit=3`)
  expect(names(first)).toEqual(['a', 'b', 'c'])
  const { continue: token, remainingItemCount } = first.object.metadata as { continue?: string; remainingItemCount?: number }
  expect(remainingItemCount).toBe(1)
  server.store.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'e', namespace: 'default' } }, 'test')
  const second = await server.send('GET', `${maps}?limit=3&continue=${token}`)
  expect(names(second)).toEqual(['d'])
  expect(second.object.metadata).toEqual({ resourceVersion: first.object.metadata.resourceVersion })
  server.store.remove({ group: '', kind: 'ConfigMap' }, 'default', 'e')
})

test('a page that is too old is 410 Expired, one that never was 400', async () => {
  const first = await server.send('GET', `${maps}?limit=1`)
  server.compact()
  const gone = await server.send('GET', `${maps}?limit=1&continue=${(first.object.metadata as { continue?: string }).continue}`)
  expect([gone.status, gone.failure.reason]).toEqual([410, 'Expired'])
  expect(gone.failure.message).toMatch(/^The provided continue parameter is too old/)
  const onward = await server.send('GET', `${maps}?continue=${gone.failure.metadata['continue']}`)
  expect(names(onward)).toEqual(['b', 'c', 'd'])
  expect((await server.send('GET', `${maps}?limit=1&continue=nonsense`)).status).toBe(400)
})

test('a resourceVersion from the future is 504', async () => {
  const reply = await server.send('GET', `${maps}?resourceVersion=999999`)
  expect([reply.status, reply.failure.reason]).toEqual([504, 'Timeout'])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { widgetDefinition } from '../../contract/widgets.ts'
import { secret, secrets, startTestServer, type TestServer } from './client.ts'

let server: TestServer
let now = new Date('2026-01-01T00:00:00Z')
const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
const widgets = '/apis/example.test/v1/namespaces/default/widgets'

beforeAll(async () => {
  server = await startTestServer({ crds: [widgetDefinition()], now: () => now })
})
afterAll(() => server.close())

test('a list of Secrets: name, type, number of keys, age', async () => {
  await server.send('POST', secrets, { body: secret('two', { a: '1', b: '2' }) })
  now = new Date('2026-01-01T00:03:12Z')
  const { object } = await server.send('GET', secrets, { headers })
  expect(object).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
  expect(object['columnDefinitions'].map((column: { name: string }) => column.name)).toEqual(['Name', 'Type', 'Data', 'Age'])
  expect(object['rows'][0].cells).toEqual(['two', 'Opaque', 2, '3m12s'])
  expect(object['rows'][0].object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'two' } })
})

test('a custom kind has its printer columns', async () => {
  const metadata = { name: 'one', namespace: 'default' }
  server.store.put({ apiVersion: 'example.test/v1', kind: 'Widget', metadata, spec: { size: 'large' } }, 'test')
  server.store.status({ group: 'example.test', kind: 'Widget' }, 'default', 'one', { conditions: [{ type: 'Ready', status: 'True' }] })
  now = new Date('2026-01-03T05:00:00Z')
  const { object } = await server.send('GET', `${widgets}/one?includeObject=Object`, { headers })
  expect(object['columnDefinitions'].map((column: { name: string }) => column.name)).toEqual(['Name', 'Size', 'Ready', 'Age'])
  expect(object['rows'][0].cells).toEqual(['one', 'large', 'True', '2d4h'])
  expect(object['rows'][0].object.spec).toEqual({ size: 'large' })
})

test('failures stay a Status', async () => {
  const reply = await server.send('GET', `${secrets}/none`, { headers })
  expect([reply.status, reply.failure.kind]).toEqual([404, 'Status'])
})

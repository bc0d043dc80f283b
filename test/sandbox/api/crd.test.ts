import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './client.ts'
import { widgetDefinition } from './crd-fixture.ts'

let server: TestServer
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const widgets = '/apis/example.test/v1/namespaces/default/widgets'
const widget = (name: string, spec: object, more: object = {}) => ({
  apiVersion: 'example.test/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
  ...more,
})

beforeAll(async () => {
  server = await startTestServer({ crds: [widgetDefinition()] })
})
afterAll(() => server.close())

test('a definition is established after it is created, and its served versions are discovered', async () => {
  const definition = widgetDefinition()
  definition.metadata.name = 'gadgets.example.test'
  definition['spec'].names = { kind: 'Gadget', plural: 'gadgets', singular: 'gadget' }
  const watching = await server.watch(`${definitions}?watch=1&fieldSelector=metadata.name%3Dgadgets.example.test`)
  const made = await server.send('POST', definitions, { body: definition })
  expect([made.status, made.object['status']]).toEqual([201, undefined])
  await watching.next()
  const conditions = (await watching.next())?.object['status'].conditions
  expect(conditions.map((each: { type: string; status: string }) => [each.type, each.status])).toEqual([
    ['NamesAccepted', 'True'],
    ['Established', 'True'],
  ])
  watching.stop()
  const group = await server.send('GET', '/apis/example.test')
  expect(group.object['versions'].map((each: { version: string }) => each.version)).toEqual(['v1', 'v1beta1'])
  expect(group.object['preferredVersion']).toEqual({ groupVersion: 'example.test/v1', version: 'v1' })
  expect((await server.send('GET', '/apis/example.test/v1alpha1')).status).toBe(404)
  expect((await server.send('GET', '/apis/example.test/v1/namespaces/default/gadgets')).status).toBe(200)
})

test('deleting the definition takes the objects and the API away', async () => {
  const gadgets = '/apis/example.test/v1/namespaces/default/gadgets'
  const body = { apiVersion: 'example.test/v1', kind: 'Gadget', metadata: { name: 'g' }, spec: {} }
  expect((await server.send('POST', gadgets, { body })).status).toBe(201)
  expect((await server.send('DELETE', `${definitions}/gadgets.example.test`)).status).toBe(200)
  expect((await server.send('GET', `${gadgets}/g`)).text).toBe('404 page not found\n')
  expect(server.store.list({ group: 'example.test', kind: 'Gadget' })).toEqual([])
})

test('defaults are filled in, unknown fields pruned but where they are preserved', async () => {
  const body = widget('pruned', { odd: 1, size: null, code: null, parts: [{ name: 'a', odd: 2 }], extra: { kept: true } }, { odd: 3 })
  const made = await server.send('POST', widgets, { body })
  expect(made.object['spec']).toEqual({ parts: [{ name: 'a' }], extra: { kept: true }, size: 'small' })
  expect(made.object).not.toHaveProperty('odd')
  expect(made.headers['warning']).toBe(
    '299 - "unknown field \\"spec.odd\\"", 299 - "unknown field \\"spec.parts[0].odd\\"", 299 - "unknown field \\"odd\\""',
  )
  const strict = await server.send('POST', `${widgets}?fieldValidation=Strict`, { body })
  expect([strict.status, strict.failure.message]).toEqual([
    400,
    'strict decoding error: unknown field "spec.odd", unknown field "spec.parts[0].odd", unknown field "odd"',
  ])
})

test('what the schema does not allow is 422 Invalid with a cause each', async () => {
  const bad = await server.send('POST', widgets, { body: widget('bad', { size: 'huge', code: 'A1', replicas: 0, parts: [{}] }) })
  expect(bad.status).toBe(422)
  expect(bad.failure.reason).toBe('Invalid')
  expect(bad.failure.details).toMatchObject({ name: 'bad', group: 'example.test', kind: 'Widget' })
  expect(bad.failure.details?.causes).toEqual([
    { reason: 'FieldValueNotSupported', message: 'Unsupported value: "huge": supported values: "small", "large"', field: 'spec.size' },
    { reason: 'FieldValueInvalid', message: 'Invalid value: "A1": spec.code in body should match \'^[a-z]+$\'', field: 'spec.code' },
    {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: spec.replicas in body should be greater than or equal to 1',
      field: 'spec.replicas',
    },
    { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.parts[0].name' },
  ])
  expect(bad.failure.message).toMatch(/^Widget\.example\.test "bad" is invalid: \[spec\.size: Unsupported value: "huge"/)
  const type = await server.send('POST', widgets, { body: widget('bad', { size: 5 }) })
  expect(type.failure.message).toBe(
    'Widget.example.test "bad" is invalid: spec.size: Invalid value: "integer": spec.size in body must be of type string: "integer"',
  )
})

test('status is written through its own door only', async () => {
  const status = { conditions: [{ type: 'Ready', status: 'True' }] }
  const made = await server.send('POST', widgets, { body: widget('statused', {}, { status }) })
  expect(made.object).not.toHaveProperty('status')
  const put = await server.send('PUT', `${widgets}/statused/status`, {
    body: { ...made.object, spec: { size: 'large' }, status },
  })
  expect(put.object['spec'].size).toBe('small')
  expect(put.object['status']).toEqual(status)
  expect(put.object.metadata.generation).toBe(1)
  expect(put.object.metadata.managedFields?.at(-1)).toMatchObject({
    subresource: 'status',
    fieldsV1: { 'f:status': { '.': {}, 'f:conditions': {} } },
  })
  const patched = await server.merge(`${widgets}/statused`, { spec: { size: 'large' }, status: null })
  expect(patched.object['status']).toEqual(status)
  expect(patched.object.metadata.generation).toBe(2)
})

test('PUT of a custom object needs its resourceVersion', async () => {
  await server.send('POST', widgets, { body: widget('unversioned', {}) })
  const put = await server.send('PUT', `${widgets}/unversioned`, { body: widget('unversioned', {}) })
  expect(put.status).toBe(422)
  expect(put.failure.details?.causes?.[0]).toMatchObject({ field: 'metadata.resourceVersion' })
})

test('the same object at another version, with a warning if that is deprecated', async () => {
  await server.send('POST', widgets, { body: widget('old', { size: 'large' }) })
  const old = await server.send('GET', '/apis/example.test/v1beta1/namespaces/default/widgets/old')
  expect(old.object).toMatchObject({ apiVersion: 'example.test/v1beta1', spec: { size: 'large' } })
  expect(old.headers['warning']).toBe('299 - "example.test/v1beta1 Widget is deprecated"')
  expect((await server.send('GET', '/apis/example.test/v1alpha1/namespaces/default/widgets/old')).status).toBe(404)
})

test('strategic merge is not for custom kinds', async () => {
  await server.send('POST', widgets, { body: widget('strategic', {}) })
  const patch = await server.send('PATCH', `${widgets}/strategic`, { body: {}, type: 'application/strategic-merge-patch+json' })
  expect(patch.status).toBe(415)
  expect(patch.failure.reason).toBe('UnsupportedMediaType')
})

test('lists with keys have an owner an item, atomic lists one', async () => {
  const one = await server.apply(`${widgets}/shared`, widget('shared', { parts: [{ name: 'a', value: '1' }], plain: ['x'] }), 'one')
  expect(one.object['spec'].size).toBe('small')
  const fields = one.object.metadata.managedFields?.[0]?.fieldsV1
  expect(JSON.stringify(fields)).toBe('{"f:spec":{"f:parts":{"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:value":{}}},"f:plain":{}}}')
  const two = await server.apply(`${widgets}/shared`, widget('shared', { parts: [{ name: 'b' }] }), 'two')
  expect(two.object['spec'].parts).toEqual([{ name: 'a', value: '1' }, { name: 'b' }])
  const conflict = await server.apply(`${widgets}/shared`, widget('shared', { plain: ['y'] }), 'two')
  expect(conflict.failure.details?.causes?.[0]?.field).toBe('.spec.plain')
  const dropped = await server.apply(`${widgets}/shared`, widget('shared', { plain: ['x'] }), 'one')
  expect(dropped.object['spec'].parts).toEqual([{ name: 'b' }])
})

test('a definition that can not be is refused, and serves nothing', async () => {
  const definition = widgetDefinition()
  definition.metadata.name = 'other.example.test'
  for (const version of definition['spec'].versions) Object.assign(version, { storage: true, schema: undefined })
  const bad = await server.send('POST', definitions, { body: definition })
  expect(bad.status).toBe(422)
  expect(bad.failure.details?.causes?.map((cause) => cause.field)).toEqual([
    'metadata.name',
    'spec.versions',
    'spec.versions[0].schema.openAPIV3Schema',
    'spec.versions[1].schema.openAPIV3Schema',
    'spec.versions[2].schema.openAPIV3Schema',
  ])
  const empty = await server.send('POST', definitions, { body: { ...definition, spec: {} } })
  expect(empty.failure.details?.causes?.map((cause) => cause.field)).toEqual(['spec.group', 'spec.scope', 'spec.names', 'spec.versions'])
})

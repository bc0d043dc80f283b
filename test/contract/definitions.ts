import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Api, Open } from './api.ts'
import type { Reply } from './client.ts'
import { define, definitions, widgetDefinition } from './widgets.ts'

const namespace = 'definitions'
const widgets = `/apis/example.test/v1/namespaces/${namespace}/widgets`
const gadgets = `/apis/example.test/v1/namespaces/${namespace}/gadgets`
const widget = (name: string, spec: object, more: object = {}) => ({
  apiVersion: 'example.test/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
  ...more,
})

export function definitionsContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
    await define(server, widgetDefinition())
  })
  afterAll(() => server.close())

  test('a definition is established after it is created, and its served versions are discovered', async () => {
    const definition = widgetDefinition()
    definition.metadata.name = 'gadgets.example.test'
    definition['spec'].names = { kind: 'Gadget', plural: 'gadgets', singular: 'gadget' }
    const watching = await server.watch(`${definitions}?watch=1&fieldSelector=metadata.name%3Dgadgets.example.test`)
    const made = await server.send('POST', definitions, { body: definition })
    const unserved = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: ['v1'] }
    expect([made.status, made.object['status']]).toEqual([201, unserved])
    expect((await watching.next())?.object['status']).toEqual(unserved)
    for (const isEstablished of ['False', 'True']) {
      const { conditions, acceptedNames } = (await watching.next())?.object['status'] ?? {}
      expect(conditions).toMatchObject([
        { type: 'NamesAccepted', status: 'True' },
        { type: 'Established', status: isEstablished },
      ])
      expect(acceptedNames).toMatchObject({ plural: 'gadgets', kind: 'Gadget', listKind: 'GadgetList' })
    }
    watching.stop()
    // Discovery follows the condition by some milliseconds.
    await expect.poll(async () => (await server.send('GET', gadgets)).status).toBe(200)
    const group = await server.send('GET', '/apis/example.test')
    expect(group.object['versions'].map((each: { version: string }) => each.version)).toEqual(['v1', 'v1beta1'])
    expect(group.object['preferredVersion']).toEqual({ groupVersion: 'example.test/v1', version: 'v1' })
    expect((await server.send('GET', '/apis/example.test/v1alpha1')).status).toBe(404)
  })

  test('deleting the definition takes the objects and the API away', async () => {
    const body = { apiVersion: 'example.test/v1', kind: 'Gadget', metadata: { name: 'g' }, spec: {} }
    expect((await server.send('POST', gadgets, { body })).status).toBe(201)
    expect((await server.send('DELETE', `${definitions}/gadgets.example.test`)).status).toBe(200)
    await expect.poll(async () => (await server.send('GET', `${gadgets}/g`)).text, { timeout: 5_000 }).toBe('404 page not found\n')
  })

  test('defaults are filled in, unknown fields pruned but where they are preserved', async () => {
    const body = widget('pruned', { odd: 1, size: null, code: null, parts: [{ name: 'a', odd: 2 }], extra: { kept: true } }, { odd: 3 })
    const made = await server.send('POST', widgets, { body })
    expect(made.object['spec']).toEqual({ parts: [{ name: 'a' }], extra: { kept: true }, size: 'small' })
    expect(made.object).not.toHaveProperty('odd')
    expect(made.headers['warning']).toBe(
      '299 - "unknown field \\"odd\\"", 299 - "unknown field \\"spec.odd\\"", 299 - "unknown field \\"spec.parts[0].odd\\""',
    )
    const strict = await server.send('POST', `${widgets}?fieldValidation=Strict`, { body })
    expect([strict.status, strict.failure.message]).toEqual([
      400,
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "odd", unknown field "spec.odd", unknown field "spec.parts[0].odd"',
    ])
  })

  test('what the schema does not allow is 422 Invalid with a cause each', async () => {
    const bad = await server.send('POST', widgets, { body: widget('bad', { size: 'huge', code: 'A1', replicas: 0, parts: [{}] }) })
    expect(bad.status).toBe(422)
    expect(bad.failure.reason).toBe('Invalid')
    expect(bad.failure.details).toMatchObject({ name: 'bad', group: 'example.test', kind: 'Widget' })
    // The server finds them in the order of a Go map: in none.
    expect(bad.failure.details?.causes?.sort((a, b) => ((a.field ?? '') < (b.field ?? '') ? -1 : 1))).toEqual([
      { reason: 'FieldValueInvalid', message: 'Invalid value: "A1": spec.code in body should match \'^[a-z]+$\'', field: 'spec.code' },
      { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.parts[0].name' },
      {
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 0: spec.replicas in body should be greater than or equal to 1',
        field: 'spec.replicas',
      },
      { reason: 'FieldValueNotSupported', message: 'Unsupported value: "huge": supported values: "small", "large"', field: 'spec.size' },
    ])
    expect(bad.failure.message).toMatch(/^Widget\.example\.test "bad" is invalid: \[spec\.\S+: /)
    const type = await server.send('POST', widgets, { body: widget('bad', { size: 5 }) })
    expect(type.failure.details?.causes).toEqual([
      {
        reason: 'FieldValueTypeInvalid',
        message: 'Invalid value: "integer": spec.size in body must be of type string: "integer"',
        field: 'spec.size',
      },
      { reason: 'FieldValueNotSupported', message: 'Unsupported value: 5: supported values: "small", "large"', field: 'spec.size' },
    ])
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

  test('another kind or version than the path says is refused', async () => {
    const kind = await server.send('POST', widgets, { body: { ...widget('other', {}), kind: 'Gidget' } })
    expect([kind.status, kind.failure.message]).toEqual([
      422,
      'Gidget.example.test "other" is invalid: kind: Invalid value: "Gidget": must be Widget',
    ])
    const version = await server.send('POST', widgets, { body: { ...widget('other', {}), apiVersion: 'example.test/v9' } })
    expect([version.status, version.failure.message]).toEqual([
      400,
      'the API version in the data (example.test/v9) does not match the expected API version (example.test/v1)',
    ])
  })

  test('a version that is not served, and a kind that is not there, are 404 in plain text', async () => {
    for (const path of ['v1alpha1/widgets', `v1/namespaces/${namespace}/nones/x`]) {
      const reply = await server.send('GET', `/apis/example.test/${path}`)
      expect([reply.status, reply.text]).toEqual([404, '404 page not found\n'])
    }
  })

  test('items of a list of custom objects have their kind', async () => {
    await server.send('POST', widgets, { body: widget('listed', {}) })
    const { items } = (await server.send('GET', `${widgets}?fieldSelector=metadata.name%3Dlisted`)).object
    expect(items).toMatchObject([{ apiVersion: 'example.test/v1', kind: 'Widget', metadata: { name: 'listed' } }])
  })

  test('deletion with a precondition names the kind', async () => {
    await server.send('POST', widgets, { body: widget('guarded', {}) })
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } }
    const { failure } = await server.send('DELETE', `${widgets}/guarded`, { body })
    expect([failure.reason, failure.details]).toEqual(['Conflict', { name: 'guarded', group: 'example.test', kind: 'Widget' }])
  })

  test('PUT of a custom object needs its resourceVersion', async () => {
    await server.send('POST', widgets, { body: widget('unversioned', {}) })
    const put = await server.send('PUT', `${widgets}/unversioned`, { body: widget('unversioned', {}) })
    expect(put.status).toBe(422)
    expect(put.failure.details?.causes?.[0]).toMatchObject({ field: 'metadata.resourceVersion' })
  })

  test('the same object at another version, with a warning if that is deprecated', async () => {
    await server.send('POST', widgets, { body: widget('old', { size: 'large' }) })
    const old = await server.send('GET', `/apis/example.test/v1beta1/namespaces/${namespace}/widgets/old`)
    expect(old.object).toMatchObject({ apiVersion: 'example.test/v1beta1', spec: { size: 'large' } })
    expect(old.headers['warning']).toBe('299 - "example.test/v1beta1 Widget is deprecated; use example.test/v1 Widget"')
    expect((await server.send('GET', `/apis/example.test/v1alpha1/namespaces/${namespace}/widgets/old`)).status).toBe(404)
  })

  test('strategic merge is not for custom kinds', async () => {
    await server.send('POST', widgets, { body: widget('strategic', {}) })
    const patch = await server.send('PATCH', `${widgets}/strategic`, { body: {}, type: 'application/strategic-merge-patch+json' })
    expect([patch.status, patch.failure.reason, patch.failure.message]).toEqual([
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ])
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
    const fields = (reply: Reply) => reply.failure.details?.causes?.map((cause) => cause.field)
    expect(fields(bad)).toEqual(
      expect.arrayContaining([
        'metadata.name',
        'spec.versions',
        'spec.versions[0].schema.openAPIV3Schema',
        'spec.versions[1].schema.openAPIV3Schema',
        'spec.versions[2].schema.openAPIV3Schema',
      ]),
    )
    const empty = await server.send('POST', definitions, { body: { ...definition, spec: {} } })
    expect(fields(empty)).toEqual(expect.arrayContaining(['spec.group', 'spec.scope', 'spec.versions']))
    expect((await server.send('GET', `${definitions}/other.example.test`)).status).toBe(404)
  })
}

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, type Open, secret, secretsIn } from './api.ts'

const namespace = 'apply'
const secrets = secretsIn(namespace)

/** managedFields to the byte, but for the time. */
const bytes = (managedFields: unknown) => JSON.stringify(managedFields).replace(/"time":"[-0-9:TZ]{20}",/g, '')

export function applyContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
  })
  afterAll(() => server.close())

  test('apply creates, and owns what it names: managedFields to the byte', async () => {
    const body = secret('fresh', { token: 'a' }, { metadata: { name: 'fresh', labels: { app: 'x' } }, type: 'Opaque' })
    const made = await server.apply(`${secrets}/fresh`, body, 'first')
    expect(made.status).toBe(201)
    expect(bytes(made.object.metadata.managedFields)).toBe(
      `[{"manager":"first","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":` +
        '{"f:data":{"f:token":{}},"f:metadata":{"f:labels":{"f:app":{}}},"f:type":{}}}]',
    )
  })

  test('POST owns the maps that it made as well', async () => {
    const body = secret('posted', { token: 'a' }, { metadata: { name: 'posted', labels: { app: 'x' } } })
    const made = await server.send('POST', `${secrets}?fieldManager=kubectl-create`, { body })
    expect(bytes(made.object.metadata.managedFields)).toBe(
      `[{"manager":"kubectl-create","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":` +
        '{"f:data":{".":{},"f:token":{}},"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:type":{}}}]',
    )
  })

  test('without fieldManager the manager is the start of the User-Agent', async () => {
    const made = await server.send('POST', secrets, { body: secret('agent', {}), headers: { 'user-agent': 'node-fetch/1.0 (x)' } })
    expect(made.object.metadata.managedFields?.[0]?.manager).toBe('node-fetch')
  })

  test('applying the same again changes nothing at all', async () => {
    const first = await server.apply(`${secrets}/again`, secret('again', { token: 'a' }), 'first')
    const second = await server.apply(`${secrets}/again`, secret('again', { token: 'a' }), 'first')
    expect(second.status).toBe(200)
    expect(second.object).toEqual(first.object)
  })

  test('a field that another manager applied is a conflict, with the real wording', async () => {
    await server.apply(`${secrets}/held`, secret('held', { token: 'a' }), 'flux')
    const refused = await server.apply(`${secrets}/held`, secret('held', { token: 'b' }), 'eso-bootstrap')
    expect(refused.status).toBe(409)
    expect(JSON.parse(refused.text)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "flux": .data.token',
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "flux"', field: '.data.token' }] },
      code: 409,
    })
    expect((await server.send('GET', `${secrets}/held`)).object['data']).toEqual({ token: 'YQ==' })
  })

  test('one that was updated names the version, and several are listed by manager', async () => {
    await server.send('POST', `${secrets}?fieldManager=kubectl-create`, { body: secret('both', { a: '1', b: '2' }) })
    await server.apply(`${secrets}/both`, secret('both', { c: '3' }), 'flux')
    const refused = await server.apply(`${secrets}/both`, secret('both', { a: 'x', b: 'y', c: 'z' }), 'me')
    expect(refused.failure.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "flux":\n- .data.c\nconflicts with "kubectl-create" using v1:\n- .data.a\n- .data.b',
    )
    expect(refused.failure.details?.causes).toContainEqual({
      reason: 'FieldManagerConflict',
      message: 'conflict with "kubectl-create" using v1',
      field: '.data.a',
    })
  })

  test('force takes the field, and the other manager loses it', async () => {
    await server.apply(`${secrets}/taken`, secret('taken', { token: 'a', keep: 'k' }), 'flux')
    const taken = await server.apply(`${secrets}/taken`, secret('taken', { token: 'b' }), 'me', '&force=true')
    expect(taken.status).toBe(200)
    expect(taken.object['data']).toEqual({ keep: 'aw==', token: 'Yg==' })
    expect(taken.object.metadata.managedFields?.map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([
      ['flux', { 'f:data': { 'f:keep': {} } }],
      ['me', { 'f:data': { 'f:token': {} } }],
    ])
  })

  test('the same value is shared, and stays until its last owner drops it', async () => {
    await server.apply(`${secrets}/shared`, secret('shared', { token: 'a', other: 'o' }), 'one')
    expect((await server.apply(`${secrets}/shared`, secret('shared', { token: 'a' }), 'two')).status).toBe(200)
    const kept = await server.apply(`${secrets}/shared`, secret('shared', { other: 'o' }), 'one')
    expect(kept.object['data']).toEqual({ token: 'YQ==', other: 'bw==' })
    const gone = await server.apply(`${secrets}/shared`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shared' } }, 'two')
    expect(gone.object['data']).toEqual({ other: 'bw==' })
  })

  test('dropping the last key drops the map', async () => {
    const labelled = secret('bare', {}, { metadata: { name: 'bare', labels: { a: 'b' } }, data: undefined })
    await server.apply(`${secrets}/bare`, labelled, 'one')
    const dropped = await server.apply(`${secrets}/bare`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bare' } }, 'one')
    expect(dropped.object.metadata).not.toHaveProperty('labels')
    expect(dropped.object.metadata).not.toHaveProperty('managedFields')
  })

  test('foreign keys, labels and annotations survive', async () => {
    const theirs = secret('foreign', { theirs: '1' }, { metadata: { name: 'foreign', labels: { a: 'b' }, annotations: { c: 'd' } } })
    await server.send('POST', secrets, { body: theirs })
    const mine = secret('foreign', { mine: '2' }, { metadata: { name: 'foreign', labels: { x: 'y' } } })
    const both = await server.apply(`${secrets}/foreign`, mine, 'me')
    expect(both.object['data']).toEqual({ theirs: 'MQ==', mine: 'Mg==' })
    expect(both.object.metadata).toMatchObject({ labels: { a: 'b', x: 'y' }, annotations: { c: 'd' } })
  })

  test('a later merge patch takes the field from its applier', async () => {
    await server.apply(`${secrets}/patched`, secret('patched', { token: 'a' }), 'one')
    const patched = await server.merge(`${secrets}/patched`, { data: { token: 'Yg==' } }, 'two')
    expect(patched.object.metadata.managedFields?.map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1])).toEqual([
      ['two', 'Update', { 'f:data': { 'f:token': {} } }],
    ])
  })

  test('YAML is taken, and fieldManager has to be given', async () => {
    const yaml = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: yaml\ndata:\n  token: YQ==\n'
    expect((await server.apply(`${secrets}/yaml`, yaml, 'one')).object['data']).toEqual({ token: 'YQ==' })
    const nobody = await server.send('PATCH', `${secrets}/yaml`, { body: yaml, type: 'application/apply-patch+yaml' })
    expect(nobody.status).toBe(422)
    expect(nobody.failure.message).toBe('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch')
  })

  test('resourceVersion in the body is a precondition', async () => {
    const made = await server.apply(`${secrets}/once`, secret('once', { token: 'a' }), 'one')
    const { resourceVersion } = made.object.metadata
    const at = (version: string | undefined) => secret('once', { token: 'b' }, { metadata: { name: 'once', resourceVersion: version } })
    expect((await server.apply(`${secrets}/once`, at(resourceVersion), 'one')).status).toBe(200)
    const stale = await server.apply(`${secrets}/once`, at(resourceVersion), 'one')
    expect([stale.status, stale.failure.reason]).toEqual([409, 'Conflict'])
  })

  test('a field that the schema does not have, or managedFields in the body, is refused', async () => {
    const odd = await server.apply(`${secrets}/odd`, secret('odd', {}, { nonsense: 1 }), 'one')
    expect([odd.status, odd.failure.message]).toEqual([
      500,
      'failed to create typed patch object (/odd; /v1, Kind=Secret): .nonsense: field not declared in schema',
    ])
    const managed = await server.apply(`${secrets}/odd`, secret('odd', {}, { metadata: { name: 'odd', managedFields: [{}] } }), 'one')
    expect(managed.failure.message).toBe('metadata.managedFields must be nil')
  })

  test('a dry run of apply finds the conflict and stores nothing', async () => {
    await server.apply(`${secrets}/dry`, secret('dry', { token: 'a' }), 'one')
    expect((await server.apply(`${secrets}/dry`, secret('dry', { token: 'b' }), 'two', '&dryRun=All')).status).toBe(409)
    const forced = await server.apply(`${secrets}/dry`, secret('dry', { token: 'b' }), 'two', '&dryRun=All&force=true')
    expect(forced.object['data']).toEqual({ token: 'Yg==' })
    expect((await server.send('GET', `${secrets}/dry`)).object['data']).toEqual({ token: 'YQ==' })
  })
}

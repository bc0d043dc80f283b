import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, type Open, secret, secretsIn } from './api.ts'

const namespace = 'objects'
const secrets = secretsIn(namespace)

export function objectsContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
  })
  afterAll(() => server.close())

  test('a created object has what the server sets, and GET gives the same', async () => {
    const made = await server.send('POST', secrets, { body: secret('made', { token: 'a' }) })
    expect(made.status).toBe(201)
    expect(made.object.metadata).toMatchObject({
      name: 'made',
      namespace,
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    })
    expect(made.object['type']).toBe('Opaque')
    const got = await server.send('GET', `${secrets}/made`)
    expect(got.status).toBe(200)
    expect(got.object).toEqual(made.object)
  })

  test('creating it again is 409 AlreadyExists, shaped as the real Status', async () => {
    await server.send('POST', secrets, { body: secret('twice', {}) })
    const again = await server.send('POST', secrets, { body: secret('twice', {}) })
    expect(again.status).toBe(409)
    expect(JSON.parse(again.text)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'secrets "twice" already exists',
      reason: 'AlreadyExists',
      details: { name: 'twice', kind: 'secrets' },
      code: 409,
    })
  })

  test('what is not there is 404 NotFound', async () => {
    const missing = await server.send('GET', `${secrets}/nobody`)
    expect(missing.status).toBe(404)
    expect(missing.failure).toMatchObject({
      reason: 'NotFound',
      message: 'secrets "nobody" not found',
      details: { name: 'nobody', kind: 'secrets' },
    })
  })

  test('a namespace that is not there refuses content', async () => {
    const lost = await server.send('POST', '/api/v1/namespaces/nowhere/secrets', { body: secret('lost', {}) })
    expect(lost.status).toBe(404)
    expect(lost.failure.message).toBe('namespaces "nowhere" not found')
  })

  test('generateName makes a name; no name at all is refused', async () => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } }
    const made = await server.send('POST', `/api/v1/namespaces/${namespace}/configmaps`, { body })
    expect(made.object.metadata.name).toMatch(/^made-[a-z0-9]{5}$/)
    const nameless = await server.send('POST', `/api/v1/namespaces/${namespace}/configmaps`, { body: { ...body, metadata: {} } })
    expect(nameless.status).toBe(422)
    expect(nameless.failure.message).toBe('ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required')
  })

  test('dryRun=All answers as if, and stores nothing', async () => {
    const dry = await server.send('POST', `${secrets}?dryRun=All`, { body: secret('dry', { token: 'a' }) })
    expect(dry.status).toBe(201)
    expect(dry.object.metadata.uid).toBeTruthy()
    expect(dry.object.metadata.resourceVersion).toBeUndefined()
    expect((await server.send('GET', `${secrets}/dry`)).status).toBe(404)
  })

  test('PUT replaces, and refuses an old resourceVersion', async () => {
    const made = (await server.send('POST', secrets, { body: secret('put', { a: '1' }) })).object
    const changed = await server.send('PUT', `${secrets}/put`, { body: { ...made, data: { b: 'Mg==' } } })
    expect(changed.status).toBe(200)
    expect(changed.object['data']).toEqual({ b: 'Mg==' })
    const stale = await server.send('PUT', `${secrets}/put`, { body: made })
    expect(stale.status).toBe(409)
    expect(stale.failure).toMatchObject({
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on secrets "put": the object has been modified; please apply your changes to the latest version and try again',
    })
  })

  test('a write that changes nothing keeps the resourceVersion', async () => {
    const made = (await server.send('POST', secrets, { body: secret('same', { a: '1' }) })).object
    const same = await server.send('PUT', `${secrets}/same`, { body: made })
    expect(same.object.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
  })

  test('the name in the body has to be the name in the URL', async () => {
    await server.send('POST', secrets, { body: secret('one', {}) })
    const other = await server.send('PUT', `${secrets}/one`, { body: secret('two', {}) })
    expect(other.status).toBe(400)
    expect(other.failure.message).toBe('the name of the object (two) does not match the name on the URL (one)')
  })

  test('a body of another kind or version is refused', async () => {
    const kind = await server.send('POST', secrets, { body: { ...secret('x', {}), kind: 'ConfigMap' } })
    expect([kind.status, kind.failure.reason]).toEqual([400, 'BadRequest'])
    expect(kind.failure.message).toBe(
      'ConfigMap in version "v1" cannot be handled as a Secret: converting (v1.ConfigMap) to (core.Secret): unknown conversion',
    )
    const version = await server.send('POST', secrets, { body: { ...secret('x', {}), apiVersion: 'v2' } })
    expect([version.status, version.failure.message]).toEqual([
      400,
      expect.stringContaining('Secret in version "v2" cannot be handled as a Secret: no kind "Secret" is registered for version "v2"'),
    ])
  })

  test('a body over three megabytes is 413', async () => {
    const big = await server.send('POST', secrets, { body: secret('big', { a: 'x'.repeat(3 * 1024 * 1024) }) })
    expect(big.status).toBe(413)
    expect(big.failure.reason).toBe('RequestEntityTooLarge')
  })

  test('paths that are nothing are 404 in plain text', async () => {
    for (const path of ['/nothing', '/apis/none.test/v1', `/apis/none.test/v1/namespaces/${namespace}/gadgets/x`]) {
      const reply = await server.send('GET', path)
      expect([path, reply.status, reply.text]).toEqual([path, 404, '404 page not found\n'])
    }
  })

  test('a resource that a group of the server itself does not have is 404 with a Status', async () => {
    for (const path of ['/api/v1/gadgets', '/api/v2/secrets', `/apis/apps/v1/namespaces/${namespace}/gadgets/x`]) {
      const reply = await server.send('GET', path)
      expect([path, reply.status, JSON.parse(reply.text)]).toEqual([
        path,
        404,
        {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'the server could not find the requested resource',
          reason: 'NotFound',
          details: {},
          code: 404,
        },
      ])
    }
  })

  test.each([
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    ['POST', '/api/v1/secrets'],
    ['DELETE', '/api/v1/secrets'],
  ])('%s %s is 405: the resource has no such method', async (method, path) => {
    const reply = await server.send(method, path, { body: secret('homeless', {}) })
    expect([reply.status, reply.failure.reason]).toEqual([405, 'MethodNotAllowed'])
  })
}

import { afterEach, describe, expect, it } from 'vitest'
import type { Resource } from '../../src/kubernetes/object.ts'
import { secrets } from '../../src/kubernetes/resources.ts'
import { json, refuse, serve, type TestServer } from './server.ts'

let server: TestServer
afterEach(() => server.close())

const stores: Resource = {
  group: 'external-secrets.io',
  version: 'v1',
  plural: 'clustersecretstores',
  kind: 'ClusterSecretStore',
  namespaced: false,
}
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'ns' }, stringData: { token: 'x' } }

describe('calls', () => {
  it('apply goes out as server-side apply of exactly the object, as eso-bootstrap, without force', async () => {
    server = await serve((_, response) => json(response, secret))
    const cluster = await server.connect()
    await cluster.apply(secrets, secret)
    await cluster.apply(secrets, secret, { force: true, dryRun: true, fieldManager: 'other' })
    const [plain, forced] = server.requests
    expect(plain).toMatchObject({ method: 'PATCH', url: '/api/v1/namespaces/ns/secrets/a?fieldManager=eso-bootstrap' })
    expect(plain?.headers).toMatchObject({ 'content-type': 'application/apply-patch+yaml', authorization: 'Bearer test-token' })
    expect(plain?.headers['user-agent']).toMatch(/^eso-bootstrap\/\d/)
    expect(JSON.parse(plain?.body ?? '')).toEqual(secret)
    expect(forced?.url).toBe('/api/v1/namespaces/ns/secrets/a?fieldManager=other&force=true&dryRun=All')
  })

  it('create, merge and delete name the manager, the patch type and the preconditions', async () => {
    server = await serve((_, response) => json(response, secret))
    const cluster = await server.connect()
    await cluster.create(secrets, secret)
    await cluster.merge(stores, 'onepassword', undefined, { metadata: { annotations: { a: 'b' } } })
    expect(await cluster.delete(secrets, 'a', 'ns', { uid: 'u-1' })).toBe(true)
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/v1/namespaces/ns/secrets?fieldManager=eso-bootstrap',
      'PATCH /apis/external-secrets.io/v1/clustersecretstores/onepassword?fieldManager=eso-bootstrap',
      'DELETE /api/v1/namespaces/ns/secrets/a',
    ])
    expect(server.requests[1]?.headers['content-type']).toBe('application/merge-patch+json')
    expect(JSON.parse(server.requests[2]?.body ?? '')).toMatchObject({ kind: 'DeleteOptions', preconditions: { uid: 'u-1' } })
  })

  it('get and delete of what is not there are answers, not errors', async () => {
    server = await serve((_, response) => refuse(response, 404, 'NotFound', { details: { kind: 'secrets', name: 'a' } }))
    const cluster = await server.connect()
    expect(await cluster.get(secrets, 'a', 'ns')).toBeUndefined()
    expect(await cluster.delete(secrets, 'a', 'ns', {})).toBe(false)
  })

  it('keeps fields that it knows nothing of', async () => {
    const odd = { ...secret, spec: { from: [{ $ref: 1 }], 'x-kubernetes-validations': [] } }
    server = await serve((_, response) => json(response, odd))
    expect(await (await server.connect()).get(secrets, 'a', 'ns')).toEqual(odd)
  })

  it('keeps one connection open over many calls', async () => {
    server = await serve((_, response) => json(response, secret))
    const cluster = await server.connect()
    for (let n = 0; n < 20; n++) await cluster.get(secrets, 'a', 'ns')
    expect(server.connections()).toBe(1)
  })

  it('reads version and log, and a log that is not permitted is undefined', async () => {
    server = await serve(({ url }, response) => {
      if (url === '/version') json(response, { gitVersion: 'v1.34.1' })
      else if (url.includes('/pods/open/')) response.end('a line\nanother\n')
      else refuse(response, 403, 'Forbidden')
    })
    const cluster = await server.connect()
    expect(await cluster.version()).toBe('v1.34.1')
    expect(await cluster.log({ namespace: 'ns', name: 'open', container: 'api' }, 5)).toBe('a line\nanother\n')
    expect(server.requests[1]?.url).toBe('/api/v1/namespaces/ns/pods/open/log?container=api&tailLines=5&limitBytes=65536')
    expect(await cluster.log({ namespace: 'ns', name: 'shut' }, 5)).toBeUndefined()
  })

  it('gives back exactly the reviews that are not allowed', async () => {
    server = await serve(({ body }, response) => {
      const { resource } = JSON.parse(body).spec.resourceAttributes
      json(response, { status: { allowed: resource !== 'secrets' } }, 201)
    })
    const cluster = await server.connect()
    const mayNot = { verb: 'patch', group: '', resource: 'secrets', namespace: 'ns' } as const
    expect(await cluster.forbidden([{ verb: 'get', group: '', resource: 'namespaces' }, mayNot])).toEqual([mayNot])
  })
})

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import { leases, secrets } from '../../src/kubernetes/resources.ts'
import { json, refuse, serve, type TestServer } from './server.ts'

let server: TestServer
afterEach(() => server.close())

const canary = 'canary-3f9a-not-a-real-secret'
const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'ns' }, stringData: { token: canary } }

/** What somebody could ever print of a Failure. */
function everythingOf(failure: Failure): string {
  return [
    failure.message,
    failure.why,
    ...failure.fix,
    failure.stack,
    inspect(failure, { depth: 20, showHidden: true }),
    JSON.stringify(failure),
  ].join('\n')
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Failure)) throw new Error(`no Failure but ${inspect(error)}`)
  expect(everythingOf(error)).not.toContain(canary)
  return error
}

async function refusedWith(
  code: number,
  reason: string,
  more: object = {},
  ask = (cluster: Cluster): Promise<unknown> => cluster.apply(secrets, secret),
) {
  server = await serve((_, response) => refuse(response, code, reason, { message: `${canary} went wrong`, ...more }))
  return failureOf(ask(await server.connect({ user: { token: canary } })))
}

describe('refusals', () => {
  it('a server with too many requests in flight is busy, and nothing else, though it says so in plain text', async () => {
    server = await serve((_, response) => {
      response
        .writeHead(429, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '0' })
        .end('Too many requests, please try again later.\n')
    })
    expect(await failureOf((await server.connect()).get(secrets, 'a', 'ns'))).toMatchObject({ id: 'server-busy', exit: 'blocked' })
  })

  it.each([
    [401, 'Unauthorized', 'unauthorized', 'refused'],
    [403, 'Forbidden', 'forbidden', 'refused'],
    [404, 'NotFound', 'not-found', 'blocked'],
    [409, 'Conflict', 'changed-meanwhile', 'blocked'],
    [409, 'AlreadyExists', 'already-exists', 'blocked'],
    [422, 'Invalid', 'invalid-object', 'refused'],
    [429, 'TooManyRequests', 'server-busy', 'blocked'],
    [500, 'InternalError', 'server-error', 'blocked'],
    [400, 'BadRequest', 'api-refused', 'refused'],
  ])('%i %s is %s, exit %s, and quotes neither the message nor the token', async (code, reason, id, exit) => {
    expect(await refusedWith(code, reason)).toMatchObject({ id, exit })
  })

  it('a missing permission names verb, resource and namespace, and how to check it', async () => {
    const failure = await refusedWith(403, 'Forbidden', {}, (cluster) => cluster.get(leases, 'eso-bootstrap', 'ns'))
    expect(failure.message).toBe('You may not get leases.coordination.k8s.io eso-bootstrap in ns.')
    expect(failure.fix).toEqual(["kubectl --context 'test' auth can-i get leases.coordination.k8s.io -n ns"])
  })

  it('a field conflict names each manager with its fields, and --take-ownership', async () => {
    const causes = [
      { reason: 'FieldManagerConflict', message: 'conflict with "kustomize-controller" using v1', field: '.data.token' },
      { reason: 'FieldManagerConflict', message: 'conflict with "kustomize-controller" using v1', field: '.metadata.labels.app' },
      { reason: 'FieldManagerConflict', message: 'conflict with "helm\u001b[31m" using v1', field: '.type' },
    ]
    const failure = await refusedWith(409, 'Conflict', { details: { causes } })
    expect(failure.id).toBe('field-conflict')
    expect(failure.why).toBe('kustomize-controller owns .data.token, .metadata.labels.app; helm owns .type.')
    expect(failure.fix).toContain('eso-bootstrap … --take-ownership')
  })

  it('an invalid object is told by its fields only', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: `Invalid value: "${canary}"`, field: 'metadata.name' }]
    const failure = await refusedWith(422, 'Invalid', { details: { causes } })
    expect(failure.why).toBe('It objects to: metadata.name.')
  })

  it.each([
    [403, `admission webhook "policy.example" denied the request: ${canary}`, 'admission-refused', 'policy.example'],
    [
      500,
      `Internal error occurred: failed calling webhook "validate.x.io": ${canary}: connection refused`,
      'webhook-unreachable',
      'validate.x.io',
    ],
    [403, `secrets "a" is forbidden: exceeded quota: ${canary}`, 'quota-exceeded', 'namespace ns'],
  ])('%i %s is %s', async (code, message, id, names) => {
    const failure = await refusedWith(code, 'Any', { message })
    expect(failure.id).toBe(id)
    expect(`${failure.message} ${failure.why}`).toContain(names)
  })

  it.each([200, 403, 404])('a web page with status %i is told from an API server', async (code) => {
    server = await serve((_, response) => response.writeHead(code, { 'content-type': 'text/html' }).end(`<html>${canary}</html>`))
    expect(await failureOf((await server.connect()).version())).toMatchObject({ id: 'not-an-api-server', exit: 'blocked' })
  })
})

describe('no answer', () => {
  it('a closed port is unreachable at once, with the address', async () => {
    server = await serve((_, response) => json(response, {}))
    const closed = await unusedPort()
    const started = Date.now()
    const failure = await failureOf((await server.connect({ cluster: { server: closed } })).version())
    expect(failure).toMatchObject({ id: 'server-unreachable', exit: 'blocked' })
    expect(failure.message).toContain(closed)
    expect(Date.now() - started).toBeLessThan(1_000)
  })

  it('an unknown name', async () => {
    server = await serve((_, response) => json(response, {}))
    const failure = await failureOf((await server.connect({ cluster: { server: 'https://no.such.host.invalid:6443' } })).version())
    expect(failure).toMatchObject({ id: 'server-unreachable' })
    expect(failure.why).toContain('no.such.host.invalid')
  })

  it('a server that stays silent, or stops in the middle of its answer, is given up after the timeout', async () => {
    server = await serve(({ url }, response) => {
      if (url !== '/version') response.writeHead(200).write('{"half":')
    })
    const cluster = await server.connect({ timeout: 150 })
    expect(await failureOf(cluster.version())).toMatchObject({ id: 'server-timeout', exit: 'blocked' })
    expect(await failureOf(cluster.get(secrets, 'a', 'ns'))).toMatchObject({ id: 'server-timeout' })
  })

  it('an abort ends the call with the reason it was given', async () => {
    server = await serve(() => {})
    const controller = new AbortController()
    const call = (await server.connect()).version(controller.signal)
    const reason = new Error('Ctrl-C')
    setTimeout(() => controller.abort(reason), 50)
    await expect(call).rejects.toBe(reason)
  })

  it('an untrusted certificate, and one for another name, are told apart', async () => {
    server = await serve((_, response) => json(response, {}))
    const untrusted = await server.connect({ cluster: { 'certificate-authority-data': undefined } })
    expect(await failureOf(untrusted.version())).toMatchObject({
      id: 'server-certificate',
      why: expect.stringContaining('certificate authority'),
    })
    const renamed = await server.connect({ cluster: { 'tls-server-name': 'other.test' } })
    expect(await failureOf(renamed.version())).toMatchObject({ id: 'server-certificate', why: expect.stringContaining('made out to') })
    const named = await server.connect({ cluster: { 'tls-server-name': 'api.cluster.test' } })
    await expect(named.served('', 'x')).resolves.toEqual([])
  })

  it('something that does not speak TLS', async () => {
    server = await serve((_, response) => json(response, {}))
    const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`
    expect(await failureOf((await server.connect({ cluster: { server: url } })).version())).toMatchObject({ id: 'not-an-api-server' })
    plain.close()
  })
})

async function unusedPort(): Promise<string> {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  await new Promise((resolve) => taken.close(resolve))
  return `https://127.0.0.1:${port}`
}

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type http from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from '../onepassword/failure-of.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'
import { refuse, serve } from './server.ts'
import { startTunnel } from './tunnel.ts'

let sandbox: Sandbox
let inPod: net.Server
let onConnection: (socket: Socket) => void
const pod = { namespace: 'default', name: 'connect', port: 8080 }
const never = new AbortController().signal

beforeEach(async () => {
  sandbox = await startSandbox()
  sandbox.server.store.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'connect', namespace: 'default' } }, 'test')
  onConnection = (socket) => socket.pipe(socket)
  inPod = net.createServer((socket) => {
    socket.on('error', () => {})
    onConnection(socket)
  })
  await new Promise<void>((resolve) => inPod.listen(0, '127.0.0.1', resolve))
  const { port } = inPod.address() as AddressInfo
  sandbox.server.setListening(({ metadata }, wanted) => (metadata.name === 'connect' && wanted === 8080 ? port : undefined))
})
afterEach(async () => {
  await sandbox.close()
  inPod.close()
})

const forward = (signal = never, at = pod) => sandbox.cluster.forward(at, signal)
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

async function allOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The next connection that the pod gets. */
function connection(): Promise<Socket> {
  return new Promise((resolve) => {
    onConnection = resolve
  })
}

/** Reads so much, and gives it back at once. */
async function echoed(socket: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let got = 0
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk)
    got += chunk.length
    if (got >= length) break
  }
  const bytes = Buffer.concat(chunks)
  socket.end(bytes)
  return bytes
}

describe('a port-forward', () => {
  it('carries megabytes both ways, to the byte, and ends when the pod ends', async () => {
    const sent = randomBytes(5_000_000)
    const echo = new Promise<Buffer>((resolve, reject) => {
      onConnection = (socket) => echoed(socket, sent.length).then(resolve, reject)
    })
    const stream = await forward()
    stream.write(sent)
    expect(sha(await echo)).toBe(sha(sent))
    const back = await allOf(stream)
    expect([back.length, sha(back)]).toEqual([sent.length, sha(sent)])
    expect(stream.destroyed).toBe(true)
  })

  it('is asked for as a GET of pods/portforward with the port', async () => {
    const stream = await forward()
    stream.destroy()
    const asked = sandbox.server.log.filter((each) => each.resource === 'pods/portforward')
    expect(asked).toMatchObject([{ method: 'GET', verb: 'get', query: 'ports=8080', user: 'admin', status: 101 }])
  })

  it('holds the pod back while nobody reads', async () => {
    const size = 30_000_000
    onConnection = (socket) => socket.end(Buffer.alloc(size, 7))
    const stream = await forward()
    // Long enough for all of it to arrive, if nobody held it back.
    for (let turns = 0; turns < 3_000; turns++) await turn()
    expect(stream.readableLength).toBeLessThan(1_000_000)
    expect((await allOf(stream)).length).toBe(size)
  })

  it('that we end is ended in the pod', async () => {
    const connected = connection()
    const stream = await forward()
    const socket = await connected
    const closed = once(socket.resume(), 'close')
    stream.end()
    await closed
    await once(stream.resume(), 'close')
    expect(stream.errored).toBeNull()
  })

  it('that we drop is dropped in the pod', async () => {
    const connected = connection()
    const stream = await forward()
    const closed = once((await connected).resume(), 'close')
    stream.destroy()
    await closed
  })

  it('is tried again when the connection breaks or the server is busy', async () => {
    const match = { resource: 'pods', subresource: 'portforward' }
    sandbox.server.inject({ match, answer: 'drop' })
    sandbox.server.inject({ match, answer: { status: 503, reason: 'ServiceUnavailable', message: 'x', retryAfterSeconds: 0 } })
    const stream = await forward()
    stream.destroy()
    const asked = sandbox.server.log.filter((each) => each.resource === 'pods/portforward')
    expect(asked.map(({ status }) => status)).toEqual([0, 503, 101])
  })
})

describe('a port-forward that is refused', () => {
  const rules = (...verbs: string[]) => [{ apiGroups: [''], resources: ['pods/portforward'], verbs, namespaces: ['default'] }]

  it.each([
    ['get', ['create']],
    ['create', ['get']],
  ])('without the right to %s it', async (verb, others) => {
    sandbox.server.allow('jane', rules(...others))
    const failure = await failureOf(async () => (await sandbox.connect('jane')).forward(pod, never))
    expect(failure).toMatchObject({ id: 'forbidden', exit: 'refused', message: `You may not ${verb} pods/portforward connect in default.` })
    expect(failure.fix[0]).toMatch(new RegExp(` auth can-i ${verb} pods --subresource=portforward -n default$`))
  })

  it('not with both', async () => {
    sandbox.server.allow('joe', rules('get', 'create'))
    const stream = await (await sandbox.connect('joe')).forward(pod, never)
    stream.destroy()
  })

  it('for a pod that is not there', async () => {
    expect(await failureOf(() => forward(never, { ...pod, name: 'nobody' }))).toMatchObject({ id: 'not-found', exit: 'blocked' })
  })

  it('with a token that is not known', async () => {
    const server = await serve((_, response) => refuse(response, 401, 'Unauthorized'))
    const cluster = await server.connect()
    expect(await failureOf(() => cluster.forward(pod, never))).toMatchObject({ id: 'unauthorized', exit: 'refused' })
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer test-token',
      'user-agent': expect.stringMatching(/^eso-bootstrap\/\d/),
      'sec-websocket-protocol': 'v4.channel.k8s.io',
    })
    expect(server.requests[0]?.url).toBe('/api/v1/namespaces/default/pods/connect/portforward?ports=8080')
    await server.close()
  })

  it('by something that is no API server', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'))
    const cluster = await server.connect()
    expect(await failureOf(() => cluster.forward(pod, never))).toMatchObject({ id: 'not-an-api-server' })
    await server.close()
  })

  it('through the proxy of the environment, like any call', async () => {
    const server = await serve((_, response) => refuse(response, 403, 'Forbidden'))
    const proxy = await startTunnel(server)
    const cluster = await server.connect({ cluster: { server: 'https://api.cluster.test:6443' }, env: proxy.env })
    expect(await failureOf(() => cluster.forward(pod, never))).toMatchObject({ id: 'forbidden' })
    expect(proxy.tunnels).toEqual(['api.cluster.test:6443'])
    await server.close()
    proxy.close()
  })
})

describe('a port-forward that comes to nothing', () => {
  it('where nothing listens ends with a Failure that names the port', async () => {
    const stream = await forward(never, { ...pod, port: 9 })
    const failure = await failureOf(() => allOf(stream))
    expect(failure).toMatchObject({ id: 'pod-port-unreachable', exit: 'blocked' })
    expect(failure.message).toBe("The port 9 of the pod connect in default can't be reached.")
    expect(`${failure.message} ${failure.why}`).not.toContain('network namespace')
  })

  it('whose connection breaks in the middle ends with a Failure', async () => {
    const connected = connection()
    const stream = await forward()
    ;(await connected).write('half of it')
    await once(stream, 'readable')
    sandbox.server.disconnect()
    expect(await failureOf(() => allOf(stream))).toMatchObject({ id: 'port-forward-broken', exit: 'blocked' })
  })

  it('whose handshake gets no answer is given up after the timeout', async () => {
    sandbox.server.inject({ match: { subresource: 'portforward' }, answer: 'hang' })
    const cluster = await sandbox.connect('admin', 200)
    expect(await failureOf(() => cluster.forward(pod, never))).toMatchObject({ id: 'server-timeout', exit: 'blocked' })
  })

  it('is aborted during the handshake, with the reason, and its connection closed', async () => {
    const abort = new AbortController()
    const reason = new Error('Ctrl-C')
    let onAsked: (response: http.ServerResponse) => void = () => {}
    const closed = new Promise<void>((resolve) => {
      onAsked = (response) => void response.once('close', resolve)
    })
    const server = await serve((_, response) => {
      onAsked(response)
      abort.abort(reason)
    })
    await expect((await server.connect()).forward(pod, abort.signal)).rejects.toBe(reason)
    await closed
    await server.close()
  })

  it('is aborted when it is open, with the reason, and its connection closed', async () => {
    const abort = new AbortController()
    const reason = new Error('Ctrl-C')
    const connected = connection()
    const stream = await forward(abort.signal)
    const closed = once((await connected).resume(), 'close')
    const ended = expect(allOf(stream)).rejects.toBe(reason)
    abort.abort(reason)
    await ended
    await closed
  })

  it('is not begun after the signal', async () => {
    const reason = new Error('Ctrl-C')
    await expect(forward(AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(sandbox.server.log).toEqual([])
  })
})

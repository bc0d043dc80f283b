import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { connect } from '../../src/kubernetes/client.ts'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import { podBehind } from '../../src/kubernetes/service-pod.ts'
import { listVaults } from '../../src/onepassword/connect.ts'
import { addVault } from '../../src/sandbox/connect/account.ts'
import { makeId, makeToken } from '../../src/sandbox/credentials.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { Secret } from '../../src/secret.ts'
import { startReady } from '../sandbox/external-secrets/fixture.ts'
import { failureOf } from './failure-of.ts'

const deadline = 5_000

describe('Connect in its pod, through a port-forward', () => {
  const never = new AbortController().signal
  let sandbox: Sandbox
  let cluster: Cluster
  beforeAll(async () => {
    sandbox = await startReady()
    cluster = await connect({ kubeconfig: sandbox.kubeconfigPath, env: {}, home: sandbox.folder, timeout: 5_000 })
  })
  afterAll(async () => {
    cluster.close()
    await sandbox.close()
  })

  const open = async (port?: number) => {
    const pod = await podBehind(cluster, 'http://onepassword-connect.external-secrets.svc.cluster.local:8080')
    if ('why' in pod) throw new Error(pod.why)
    return cluster.forward(port === undefined ? pod : { ...pod, port }, never)
  }
  const vaults = () => sandbox.account.vaults.map(({ id, title }) => ({ id, name: title }))

  it('tells the vaults that a token may see', async () => {
    const [vault] = vaults()
    expect(vault?.name).toBe('catalyst-eso')
    const token = sandbox.access.mint({ vaults: [{ id: vault?.id ?? '' }] })
    expect(await listVaults(() => open(), token, { deadline })).toEqual({ is: 'accepted', vaults: [vault] })
    expect(await listVaults(() => open(), sandbox.access.mint({ vaults: [] }), { deadline })).toEqual({ is: 'accepted', vaults: [] })
    expect(sandbox.connect()[0]?.requests.at(-1)).toEqual({ method: 'GET', path: '/v1/vaults', status: 200 })
  })

  it('tells a megabyte of them', async () => {
    for (let nth = 0; nth < 100; nth++) addVault(sandbox.account, `${nth} Zoë `.repeat(1_500))
    const token = sandbox.access.mint({ vaults: vaults() })
    expect(await listVaults(() => open(), token, { deadline })).toEqual({ is: 'accepted', vaults: vaults() })
  })

  it.each([
    ['revoked', () => revoked(sandbox)],
    ['of another server', () => makeToken()],
    ['expired', () => sandbox.access.mint({ expires: new Date(0) })],
  ])('refuses a token that is %s', async (_, token) => {
    expect(await listVaults(() => open(), token(), { deadline })).toEqual({ is: 'refused', status: 401 })
  })

  it('says so where nothing listens on the port', async () => {
    const failure = await failureOf(() => listVaults(() => open(8081), sandbox.access.mint(), { deadline }))
    expect(failure).toMatchObject({ id: 'pod-port-unreachable', exit: 'blocked' })
  })
})

function revoked(sandbox: Sandbox): Secret {
  const id = makeId()
  sandbox.account.revoked.add(id)
  return sandbox.access.mint({ id })
}

describe('what else may answer', () => {
  const canary = 'canary-3f9a-not-a-real-secret'
  const token = new Secret(canary)
  let server: net.Server
  let answer: (socket: Socket) => void
  let heard = ''
  beforeEach(async () => {
    heard = ''
    server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        heard += bytes
        if (heard.endsWith('\r\n\r\n')) answer(socket)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => server.close())

  let connection: Duplex
  const open = async () => {
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
    await once(socket, 'connect')
    connection = socket
    return socket
  }
  const ask = (options: Partial<Parameters<typeof listVaults>[2]> = {}) => listVaults(open, token, { deadline, ...options })
  const says = (status: number, body: string, headers = '') => {
    answer = (socket) => {
      const text = `{"message":"${canary}"}`
      socket.end(`HTTP/1.1 ${status} X\r\n${headers}content-length: ${Buffer.byteLength(body || text)}\r\n\r\n${body || text}`)
    }
  }

  function shown(failure: Failure): string {
    return [failure.message, failure.why, ...failure.fix, inspect(failure, { depth: 20, showHidden: true })].join('\n')
  }

  it('asks for /v1/vaults, with the token in the one header, and leaves no connection', async () => {
    says(200, '[]')
    expect(await ask()).toEqual({ is: 'accepted', vaults: [] })
    const [first, ...lines] = heard.trimEnd().split('\r\n')
    expect(first).toBe('GET /v1/vaults HTTP/1.1')
    expect(lines.filter((line) => line.includes(canary))).toEqual([`Authorization: Bearer ${canary}`])
    expect(connection.destroyed).toBe(true)
  })

  it.each([
    [401, { is: 'refused', status: 401 }],
    [403, { is: 'refused', status: 403 }],
    [500, { is: 'failing', status: 500 }],
    [503, { is: 'failing', status: 503 }],
    [204, { is: 'not-connect' }],
    [302, { is: 'not-connect' }],
    [400, { is: 'not-connect' }],
    [404, { is: 'not-connect' }],
  ])('%i', async (status, expected) => {
    says(status, '', 'location: http://127.0.0.1:1/\r\n')
    expect(await ask()).toEqual(expected)
    expect(connection.destroyed).toBe(true)
  })

  it.each([
    '<!doctype html><html></html>',
    '{"id":"a","name":"b"}',
    '[{"id":"a","name":"b"},{"id":"c"}]',
    '[{"id":1,"name":"b"}]',
    '[null]',
    '["a"]',
    '"[]"',
    '[{"id":"a","name":"b"}',
  ])('200 with %s is not Connect', async (body) => {
    says(200, body)
    expect(await ask()).toEqual({ is: 'not-connect' })
  })

  it('nor is what speaks no HTTP', async () => {
    answer = (socket) => socket.end('220 mail.example.com ESMTP\r\n')
    expect(await ask()).toEqual({ is: 'not-connect' })
  })

  it('keeps of each vault its id and its name', async () => {
    says(200, '[{"id":"a","name":"Zoë","items":3,"type":"USER_CREATED"}]')
    expect(await ask()).toEqual({ is: 'accepted', vaults: [{ id: 'a', name: 'Zoë' }] })
  })

  it.each([
    ['before its answer', ''],
    ['in the middle of it', `HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[{"id":"${canary}`],
  ])('one that ends %s has not answered', async (_, text) => {
    answer = (socket) => socket.end(text)
    const failure = await failureOf(() => ask())
    expect(failure).toMatchObject({ id: 'connect-no-answer', exit: 'blocked' })
    expect(shown(failure)).not.toContain(canary)
  })

  it.each([
    ['no answer', ''],
    ['half of one', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n['],
  ])('the deadline ends the wait: %s', async (_, text) => {
    answer = (socket) => void socket.write(text)
    const failure = await failureOf(() => ask({ deadline: 100 }))
    expect(failure).toMatchObject({ id: 'connect-timeout', exit: 'blocked' })
    expect(shown(failure)).not.toContain(canary)
    expect(connection.destroyed).toBe(true)
  })

  it.each([
    ['no answer', ''],
    ['half of one', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n['],
  ])('and so does the signal: %s', async (_, text) => {
    const abort = new AbortController()
    const reason = new Error('Ctrl-C')
    answer = (socket) => void socket.write(text, () => abort.abort(reason))
    await expect(ask({ signal: abort.signal })).rejects.toBe(reason)
    expect(connection.destroyed).toBe(true)
  })

  it('what the connection ends with is what is thrown', async () => {
    const broken = new Failure({ id: 'port-forward-broken', exit: 'blocked', what: 'It broke.' })
    for (const text of ['', 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[']) {
      answer = (socket) => void socket.write(text, () => connection.destroy(broken))
      await expect(ask()).rejects.toBe(broken)
      heard = ''
    }
  })

  it('what open throws is thrown', async () => {
    const reason = new Error('no way')
    await expect(listVaults(() => Promise.reject(reason), token, { deadline })).rejects.toBe(reason)
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { connect } from '../../src/kubernetes/client.ts'
import type { Cluster } from '../../src/kubernetes/cluster.ts'

interface Recorded {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export interface TestServer {
  url: string
  certificate: string
  requests: Recorded[]
  /** Connections that were opened, to see whether they are kept. */
  connections: () => number
  /** A kubeconfig for this server, as JSON, which is YAML too. */
  kubeconfig(changes?: { cluster?: object; user?: object }): string
  /** Writes a kubeconfig into a temporary folder and connects by it. */
  connect(changes?: {
    cluster?: object
    user?: object
    env?: Record<string, string>
    timeout?: number
    execDeadline?: number
  }): Promise<Cluster>
  close(): Promise<void>
}

type Handler = (request: Recorded, response: ServerResponse) => void

const validity = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const

/** A certificate for 127.0.0.1 and api.cluster.test. */
export function certificate(dates: { notBeforeDate?: Date; notAfterDate?: Date } = {}) {
  const altNames = [
    { type: 2 as const, value: 'api.cluster.test' },
    { type: 7 as const, ip: '127.0.0.1' },
  ]
  return generate([{ name: 'commonName', value: 'test' }], { ...validity, ...dates, extensions: [{ name: 'subjectAltName', altNames }] })
}

/** An HTTPS server that answers as the handler says and remembers what it was asked. */
export async function serve(handler: Handler): Promise<TestServer> {
  const made = await certificate()
  const requests: Recorded[] = []
  const folders: string[] = []
  const clusters: Cluster[] = []
  let connections = 0
  const server = https.createServer({ key: made.private, cert: made.cert }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const recorded = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    }
    requests.push(recorded)
    handler(recorded, response)
  })
  server.on('secureConnection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`

  const kubeconfig: TestServer['kubeconfig'] = ({ cluster, user } = {}) =>
    JSON.stringify({
      'current-context': 'test',
      contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
      clusters: [
        { name: 'c', cluster: { server: url, 'certificate-authority-data': Buffer.from(made.cert).toString('base64'), ...cluster } },
      ],
      users: [{ name: 'u', user: user ?? { token: 'test-token' } }],
    })

  return {
    url,
    certificate: made.cert,
    requests,
    connections: () => connections,
    kubeconfig,
    async connect({ env = {}, timeout = 5_000, execDeadline = 5_000, ...changes } = {}) {
      const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
      folders.push(folder)
      const file = join(folder, 'config')
      await writeFile(file, kubeconfig(changes))
      const cluster = await connect({ kubeconfig: file, env, home: folder, timeout, execDeadline })
      clusters.push(cluster)
      return cluster
    },
    async close() {
      for (const cluster of clusters) cluster.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      for (const folder of folders) await rm(folder, { recursive: true, force: true })
    },
  }
}

export function json(response: ServerResponse, body: unknown, code = 200, headers: Record<string, string> = {}) {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** An API server's refusal: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export function refuse(response: ServerResponse, code: number, reason: string, more: object = {}, headers: Record<string, string> = {}) {
  json(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code, ...more }, code, headers)
}

/** All that an iteration gives. */
export async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const each of from) found.push(each)
  return found
}

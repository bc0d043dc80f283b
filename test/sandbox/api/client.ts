import { Agent, type RequestOptions, request } from 'node:https'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import type { StatusBody } from '../../../src/sandbox/api/errors.ts'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../src/sandbox/api/server.ts'

export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** The body as an object; tests that expect a Status read `failure`. */
  object: KubernetesObject
  failure: StatusBody
}

interface Sending {
  body?: unknown
  type?: string
  user?: string
  headers?: Record<string, string>
}

export interface TestServer extends ApiServer {
  send(method: string, path: string, sending?: Sending): Promise<Reply>
  sendBytes(method: string, path: string, body: Buffer, headers: Record<string, string>): Promise<Reply>
  apply(path: string, body: unknown, manager: string, more?: string): Promise<Reply>
  merge(path: string, body: unknown, manager?: string): Promise<Reply>
  watch(path: string, user?: string): Promise<Watching>
}

export interface Watching {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** The next event; undefined when the server has ended the stream. */
  next(): Promise<{ type: string; object: KubernetesObject } | undefined>
  stop(): void
}

/** A server and a client that trusts nothing but its CA. */
export async function startTestServer(options?: ApiServerOptions): Promise<TestServer> {
  const server = await startApiServer(options)
  const agent = new Agent({ keepAlive: true, ca: server.ca, rejectUnauthorized: true })

  function optionsFor(method: string, user: string | undefined, headers: Record<string, string>): RequestOptions {
    return { agent, method, headers: { authorization: `Bearer ${server.token(user)}`, 'user-agent': 'vitest/1', ...headers } }
  }

  async function send(method: string, path: string, sending: Sending = {}): Promise<Reply> {
    const { body, type = 'application/json', user, headers = {} } = sending
    const payload = body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    // Node sends a DELETE's body in no way that can be read unless its length is told.
    const length: Record<string, string> = payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }
    return new Promise((resolve, reject) => {
      const call = request(
        new URL(path, server.url),
        optionsFor(method, user, { 'content-type': type, ...length, ...headers }),
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk) => chunks.push(chunk))
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const json = text.startsWith('{') ? JSON.parse(text) : {}
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, object: json, failure: json })
          })
        },
      )
      call.on('error', reject)
      call.end(payload)
    })
  }

  async function watch(path: string, user?: string): Promise<Watching> {
    return new Promise((resolve, reject) => {
      const call = request(new URL(path, server.url), { ...optionsFor('GET', user, {}), agent: undefined, ca: server.ca }, (response) => {
        const lines = linesOf(response)
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          next: async () => {
            const { value, done } = await lines.next()
            return done ? undefined : JSON.parse(value)
          },
          stop: () => call.destroy(),
        })
      })
      call.on('error', reject)
      call.end()
    })
  }

  return {
    ...server,
    send,
    watch,
    sendBytes: (method, path, body, headers) => send(method, path, { body, headers }),
    apply: (path, body, manager, more = '') =>
      send('PATCH', `${path}?fieldManager=${manager}${more}`, { body, type: 'application/apply-patch+yaml' }),
    merge: (path, body, manager = 'merger') =>
      send('PATCH', `${path}?fieldManager=${manager}`, { body, type: 'application/merge-patch+json' }),
    close: () => {
      agent.destroy()
      return server.close()
    },
  }
}

async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = ''
  try {
    for await (const chunk of stream) {
      const parts = (rest + chunk.toString()).split('\n')
      rest = parts.pop() ?? ''
      yield* parts.filter(Boolean)
    }
  } catch {
    // The connection was broken: the stream has ended.
  }
}

export const secrets = '/api/v1/namespaces/default/secrets'

export function secret(name: string, data: Record<string, string>, more: object = {}): KubernetesObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: Object.fromEntries(encoded), ...more }
}

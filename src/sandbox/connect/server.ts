import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AccountModel } from './account.ts'
import { type Activity, type Reply, refusal } from './reply.ts'
import { route } from './routes.ts'
import type { Session } from './session.ts'
import { type Bearer, checkToken } from './token.ts'

export interface ConnectServer {
  /** `http://127.0.0.1:…`, without a slash at the end. */
  url: string
  /** Every request as it came: method, path with query, the status that was answered. */
  requests: { method: string; path: string; status: number }[]
  close(): Promise<void>
}

export interface ConnectOptions {
  account: AccountModel
  /** What the container made of OP_SESSION when it started; a server with a broken one runs, and answers 500. */
  session: Session
  version?: string
  log?: (level: 'I' | 'E', line: string) => void
  /** Milliseconds before each answer. */
  delay?: number
  /** Milliseconds after the first good token in which the vaults are being fetched, and all that is asked is answered with 500. */
  syncing?: number
}

/**
 * A 1Password Connect server on loopback, as 1Password's OpenAPI description has it
 * (https://github.com/1Password/connect/blob/main/docs/openapi/spec.yaml): reads only, like the tokens of the sandbox.
 */
export async function startConnect(options: ConnectOptions): Promise<ConnectServer> {
  const { account, session, version = '1.8.2', log = () => {}, delay = 0, syncing = 0 } = options
  const requests: ConnectServer['requests'] = []
  const activity: Activity[] = []
  let synced = false
  let firstToken: number | undefined

  const answer = (request: IncomingMessage): Reply => {
    const url = new URL(request.url ?? '/', 'http://connect')
    if (url.pathname === '/heartbeat') return { status: 200, body: '.' }
    if (url.pathname === '/metrics') return { status: 200, body: '# HELP go_goroutines Number of goroutines.\ngo_goroutines 9\n' }
    if (url.pathname === '/health') return { status: 200, body: health(version, session, synced) }
    if (!url.pathname.startsWith('/v1/')) return { status: 404, body: '404 page not found\n' }
    if ('log' in session) {
      log('E', session.log)
      return refusal(500, 'failed to initiate, review service logs')
    }
    const bearer = authenticate(request, options)
    if ('message' in bearer) {
      log('E', bearer.log)
      return refusal(401, bearer.message)
    }
    if (firstToken === undefined) log('I', 'notifying syncer of new token')
    firstToken ??= Date.now()
    if (Date.now() - firstToken < syncing) return refusal(500, 'failed to initiate, review service logs')
    synced = true
    return route({ account, bearer, url, method: request.method ?? 'GET', userAgent: request.headers['user-agent'] ?? '', activity })
  }

  const server = createServer((request, response) => {
    const reply = answer(request)
    requests.push({ method: request.method ?? '', path: request.url ?? '', status: reply.status })
    if (delay > 0) setTimeout(() => send(response, reply, version), delay).unref()
    else send(response, reply, version)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function authenticate(request: IncomingMessage, options: ConnectOptions): Bearer | { message: string; log: string } {
  const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  if (token === undefined || 'log' in options.session) return { message: 'Invalid bearer token', log: 'request without a bearer token' }
  return checkToken(token, options.session.server, options.account.revoked, new Date())
}

function health(version: string, session: Session, synced: boolean): object {
  const waiting = {
    service: 'account_data',
    status: 'NOT_SYNCED',
    message: 'Account data is not available because synchronization has not yet started',
  }
  const sqlite = { service: 'sqlite', status: 'ACTIVE', message: 'Connected to /home/opuser/.op/data/1password.sqlite' }
  const sync = { service: 'sync', status: synced ? 'ACTIVE' : 'TOKEN_NEEDED' }
  const broken = { service: '1Password', status: 'UNINITIALIZED', message: 'Make a request with a valid bearer token to initialize' }
  if ('log' in session || !synced) return { name: '1Password Connect API', version, dependencies: [sqlite, waiting, sync, broken] }
  return { name: '1Password Connect API', version, dependencies: [sqlite, sync] }
}

function send(response: ServerResponse, reply: Reply, version: string): void {
  const raw = typeof reply.body === 'string' || Buffer.isBuffer(reply.body)
  const type = Buffer.isBuffer(reply.body) ? 'application/octet-stream' : raw ? 'text/plain; charset=utf-8' : 'application/json'
  response.writeHead(reply.status, { 'Content-Type': type, '1Password-Connect-Version': version, ...reply.headers })
  response.end(raw ? (reply.body as string | Buffer) : JSON.stringify(reply.body))
}

import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createRemote, type Remote } from '../../src/sandbox/remote.ts'

export interface Forge extends Remote {
  user: string
  password: string
  close(): Promise<void>
}

/**
 * A bare repository behind HTTP and a password, served by git's own git-http-backend as a forge would:
 * https://git-scm.com/docs/git-http-backend. `path` and `url` are the URL that people clone.
 */
export async function startForge(folder: string): Promise<Forge> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  const remote = await createRemote(join(folder, 'cluster.git'), env)
  const [user, password] = ['flux', 'a-password-of-the-forge']
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const server = createServer((request, response) => {
    if (request.headers.authorization !== wanted) {
      return void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="forge"' }).end()
    }
    backend(request, response, { ...env, GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: '1', REMOTE_USER: user })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cluster.git`
  return {
    ...remote,
    ...{ path: url, url, user, password },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** One CGI call: https://www.rfc-editor.org/rfc/rfc3875 */
function backend(request: IncomingMessage, response: ServerResponse, env: Record<string, string>): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://forge')
  const header = (name: string) => String(request.headers[name] ?? '')
  const child = spawn('git', ['http-backend'], {
    env: {
      ...env,
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(child.stdin)
  child.stdin.once('error', () => {})
  let head = Buffer.alloc(0)
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    child.stdout.off('data', onData)
    const headers = head
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(/: (.*)/s))
    const status = Number.parseInt(headers.find(([name]) => name === 'Status')?.[1] ?? '200', 10)
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')))
    response.write(head.subarray(end + 4))
    child.stdout.pipe(response)
  }
  child.stdout.on('data', onData)
}

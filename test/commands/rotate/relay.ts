import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between a port-forward and Connect. */
export interface Relay {
  port: number
  /** The paths that were asked for. */
  asked: string[]
  /** What the next request meets: Connect's own 500, or a connection that breaks when Connect has answered. */
  goWrong(how: 'fails' | 'lost' | undefined): void
  /** Calls back when nothing that was asked is unanswered any more. */
  whenIdle(act: () => void): void
  close(): Promise<void>
}

/** Passes all on to the address that `connect` gives at that moment. */
export async function startRelay(connect: () => string): Promise<Relay> {
  const asked: string[] = []
  let trouble: 'fails' | 'lost' | undefined
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url ?? '')
    const met = trouble
    trouble = undefined
    if (met === 'fails') {
      response.writeHead(500).end('{"status":500,"message":"failed to initiate, review service logs"}')
      return
    }
    const { authorization = '' } = request.headers
    const answer = await fetch(connect() + request.url, { headers: { authorization } })
    const body = await answer.text()
    if (met === 'lost') request.socket.destroy()
    else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body)
  }
  const asking = new Set<Promise<unknown>>()
  const server = createServer((request, response) => {
    const passing = pass(request, response)
      .catch(() => request.socket.destroy())
      .finally(() => asking.delete(passing))
    asking.add(passing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    goWrong(how) {
      trouble = how
    },
    whenIdle: (act) => setImmediate(() => void Promise.all(asking).then(act)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Container } from './containers.ts'

/** What listens in a pod that is not Connect. */
export interface Web {
  url: string
  port: number
  close(): Promise<void>
}

/** The welcome page of nginx, if these are its containers: it answers every path of an application with it. */
export async function startWebIn(containers: readonly Container[]): Promise<Web | undefined> {
  if (!containers.some(({ image }) => /(^|\/)nginx(:|@|$)/.test(image))) return undefined
  const server = createServer((_, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end('<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head></html>\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: 80,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

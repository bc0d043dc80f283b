import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../src/sandbox/api/server.ts'
import { type Client, createClient } from '../../contract/client.ts'

export interface TestServer extends ApiServer, Omit<Client, 'close'> {}

/** A server and a client for it. */
export async function startTestServer(options?: ApiServerOptions): Promise<TestServer> {
  const server = await startApiServer(options)
  const client = createClient(server, (user) => ({ token: server.token(user) }))
  return {
    ...server,
    ...client,
    close: () => {
      client.close()
      return server.close()
    },
  }
}

export const secrets = '/api/v1/namespaces/default/secrets'

export function secret(name: string, data: Record<string, string>, more: object = {}): KubernetesObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: Object.fromEntries(encoded), ...more }
}

import { createServer, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { type AddressInfo, connect, createServer as createSocketServer, type Socket } from 'node:net'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { Api } from './api.ts'

/** What stands behind an address of the cluster: a port on loopback, or why nothing does. */
type Route = { port: number } | { refused: string }

export interface Network {
  /** What a process in this namespace gets as HTTP_PROXY and HTTPS_PROXY. */
  url(namespace: string): string
  /** The unix socket that the API server's egress goes through. */
  socket: string
  close(): Promise<void>
}

export interface NetworkOptions {
  socket: string
  api: () => Api
  /** The loopback port of a process in a pod, or on the node itself. */
  listening(address: string, port: number): number | undefined
  /** Names outside the cluster, with their port. */
  outside: ReadonlyMap<string, number>
}

/**
 * The stand-in for a pod network, for kube-proxy and for cluster DNS: an HTTP proxy that knows the cluster's Services. What a
 * process in a pod sends to another goes through it, and so does what the API server sends to webhooks and kubelets
 * (https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-k8s-io-v1beta1-EgressSelectorConfiguration).
 */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const sockets = new Set<Socket>()
  const server = createServer(async (request, response) => {
    const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined
    const route = url
      ? await routeTo(options, url.hostname, Number(url.port || 80), namespaceOf(request))
      : { refused: 'not a proxy request' }
    if ('refused' in route) return void response.writeHead(502).end(route.refused)
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = request.headers
    const at = {
      host: '127.0.0.1',
      port: route.port,
      path: `${url?.pathname}${url?.search}`,
      method: request.method,
      headers,
      agent: false,
    }
    const upstream = httpRequest(at as RequestOptions, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(response)
    })
    upstream.once('error', (error) => void response.writeHead(502).end(error.message))
    request.pipe(upstream)
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('connect', async (request, client: Socket) => {
    client.once('error', () => client.destroy())
    const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(request.url ?? '') ?? []
    const route = await routeTo(options, host, Number(port), namespaceOf(request))
    if ('refused' in route) return void client.end(`HTTP/1.1 502 ${route.refused}\r\nContent-Length: 0\r\n\r\n`)
    const upstream = connect(route.port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client)
      client.pipe(upstream)
    })
    upstream.once('error', () => client.destroy())
    client.once('close', () => upstream.destroy())
  })
  // One server answers on both: what a process is told, and what the API server is told.
  const local = createSocketServer((socket) => void server.emit('connection', socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => local.listen(options.socket, resolve))
  return {
    url: (namespace) => `http://${namespace}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    socket: options.socket,
    async close() {
      for (const socket of sockets) socket.destroy()
      await Promise.all([server, local].map((each) => new Promise((resolve) => each.close(resolve))))
    },
  }
}

/** The user that a process signs in to the proxy as: where it looks up short names, as /etc/resolv.conf in a pod has it. */
function namespaceOf({ headers }: IncomingMessage): string {
  const [, user = ''] = /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? []
  return Buffer.from(user, 'base64').toString().replace(/:.*$/, '') || 'default'
}

/** While the cluster is being stopped there is no API server to ask, but still somebody who connects. */
function routeTo(options: NetworkOptions, host: string, port: number, from: string): Promise<Route> {
  return find(options, host, port, from).catch((error: unknown) => ({ refused: String(error) }))
}

async function find({ api, listening, outside }: NetworkOptions, host: string, port: number, from: string): Promise<Route> {
  const known = outside.get(`${host}:${port}`) ?? listening(host, port)
  if (known !== undefined) return { port: known }
  const service = await serviceAt(api(), host, from)
  if (service === undefined) return { refused: `dial tcp: lookup ${host} on 10.0.0.10:53: no such host` }
  const { name, namespace } = service.metadata
  const exposed = service['spec'].ports.find((each: { port: number }) => each.port === port)
  const label = `kubernetes.io%2Fservice-name%3D${name}`
  const slices = await api().list(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${label}`)
  for (const slice of exposed ? slices : []) {
    const target = slice['ports']?.find((each: { name?: string }) => (each.name ?? '') === (exposed.name ?? ''))
    const endpoint = slice['endpoints']?.find((each: { conditions?: { ready?: boolean } }) => each.conditions?.ready)
    const found = target && endpoint && listening(endpoint.addresses[0], target.port)
    if (found !== undefined) return { port: found }
  }
  return { refused: `dial tcp ${service['spec'].clusterIP}:${port}: connect: connection refused` }
}

async function serviceAt(api: Api, host: string, from: string): Promise<KubernetesObject | undefined> {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return (await api.list('/api/v1/services')).find((each) => each['spec'].clusterIP === host)
  const [name, namespace = from, ...domain] = host.replace(/\.$/, '').split('.')
  if (!['', 'svc', 'svc.cluster.local'].includes(domain.join('.'))) return undefined
  return api.get(`/api/v1/namespaces/${namespace}/services/${name}`)
}

import { createServer, type Server } from 'node:https'
import { isPortForward, servePortForward } from '../../../src/sandbox/workloads/streaming.ts'
import type { KeyPair } from '../../cluster/certificates.ts'
import type { Running } from './pod.ts'

/**
 * What the API server asks of a kubelet: `GET /containerLogs/<namespace>/<pod>/<container>?tailLines=…`, which `kubectl logs` ends
 * up at, and as a WebSocket `GET /portForward/<namespace>/<pod>?port=…`
 * (https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/kubelet/server/server.go).
 */
export async function serveKubelet(
  certificate: KeyPair,
  running: (namespace: string, pod: string) => Running | undefined,
): Promise<Server> {
  const server = createServer(certificate, async (request, response) => {
    const { url, kind, namespace, pod, container } = partsOf(request.url)
    const text = kind === 'containerLogs' ? await running(namespace, pod)?.log(container) : undefined
    if (text === undefined) return void response.writeHead(404).end()
    const lines = Number(url.searchParams.get('tailLines') ?? Number.POSITIVE_INFINITY)
    response.end(
      text
        .split(/(?<=\n)/)
        .slice(-lines)
        .join(''),
    )
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const { url, kind, namespace, pod } = partsOf(request.url)
    const found = kind === 'portForward' ? running(namespace, pod) : undefined
    if (found === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 18\r\n\r\npod does not exist')
    if (!isPortForward(request)) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const port = Number(url.searchParams.get('port'))
    servePortForward({ request, socket, head }, port, found.port(port))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function partsOf(path = '/') {
  const url = new URL(path, 'https://node')
  const [, kind = '', namespace = '', pod = '', container = ''] = url.pathname.split('/')
  return { url, kind, namespace, pod, container }
}

import type { RequestOptions } from 'node:https'
import { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import type { PodPort } from './cluster.ts'
import { query } from './path.ts'
import type { Outcome, Transport } from './transport.ts'

/**
 * One connection to a port of a pod, by the sub-protocol that container runtimes have spoken for many years and speak with 1.37
 * still: the API server and the kubelet only pass it through, whatever they do with kubectl's own protocols.
 * https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/cri-streaming/pkg/streaming/portforward/websocket.go
 */
const protocol = 'v4.channel.k8s.io'

/** The first byte of a message says what the others are. */
const data = 0
const trouble = 1

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1; a connection that just breaks has another one. */
const ended = 1000
const endedWithoutCode = 1005

/**
 * Opens the connection. Needs `get` on pods/portforward, and since Kubernetes 1.35 `create` as well:
 * https://github.com/kubernetes/kubernetes/pull/134577. Throws what every call throws; what happens later ends the stream with
 * a Failure, or with the signal's reason. The protocol can't close one direction only: `end()` ends both.
 */
export function forwardPort(transport: Transport, pod: PodPort, signal: AbortSignal): Promise<Duplex> {
  const { namespace, name, port } = pod
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/portforward`
  const call = { verb: 'get', resource: 'pods/portforward', namespace, name }
  return transport.upgrade({ ...call, method: 'GET', path: path + query({ ports: port }), signal }, (to, options, ends) =>
    dial(to, options, { ...pod, context: transport.context }, ends),
  )
}

interface Target extends PodPort {
  context: string
}

function dial(to: URL, options: RequestOptions, pod: Target, signal: AbortSignal): Promise<Outcome<Duplex>> {
  return new Promise((resolve, reject) => {
    // The other side is golang.org/x/net/websocket, which knows no compression.
    const socket = new WebSocket(to, protocol, { ...(options as object), perMessageDeflate: false })
    const stream = streamOver(socket, pod)
    const onAbort = () => void stream.destroy(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('close', () => signal.removeEventListener('abort', onAbort))
    socket.once('open', () => resolve({ done: stream }))
    socket.once('unexpected-response', (_, response) => resolve({ refused: response }))
    socket.on('error', reject)
  })
}

function streamOver(socket: WebSocket, pod: Target): Duplex {
  // Each channel begins with the port's number, as two bytes.
  const ahead = [2, 2]
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => socket.resume(),
    write: (chunk: Buffer, _, done) => socket.send(Buffer.concat([Buffer.of(data), chunk]), (error) => done(error && broken(pod))),
    final(done) {
      socket.close(ended)
      done()
    },
    destroy(error, done) {
      socket.terminate()
      done(error)
    },
  })
  // Whoever reads or writes is told; an end that comes while nobody does must not end the process.
  stream.on('error', () => {})
  socket.on('message', (message: Buffer) => {
    const channel = message[0] ?? trouble
    const skipped = Math.min(ahead[channel] ?? 0, message.length - 1)
    ahead[channel] = (ahead[channel] ?? 0) - skipped
    const bytes = message.subarray(1 + skipped)
    if (bytes.length === 0) return
    if (channel === trouble) stream.destroy(unreachable(pod))
    else if (channel === data && !stream.push(bytes)) socket.pause()
  })
  socket.on('close', (code) => {
    if (code === ended || code === endedWithoutCode) stream.push(null)
    else stream.destroy(broken(pod))
  })
  return stream
}

/** The node's own words are left out: they hold names of its processes and folders, and nothing that helps more than this. */
function unreachable(pod: Target): Failure {
  return new Failure({
    id: 'pod-port-unreachable',
    exit: 'blocked',
    what: `The ${named(pod)} can't be reached.`,
    why: 'The node could not connect to it: nothing listens there yet, or the pod is just being stopped.',
    fix: `kubectl --context '${pod.context}' -n ${plain(pod.namespace, 63)} get pod ${plain(pod.name, 253)}`,
  })
}

function broken(pod: Target): Failure {
  return new Failure({
    id: 'port-forward-broken',
    exit: 'blocked',
    what: `The connection to the ${named(pod)} broke.`,
    why: 'The API server, the node or something between them closed it.',
    fix: 'Run it again.',
  })
}

function named({ namespace, name, port }: Target): string {
  return `port ${port} of the pod ${plain(name, 253)} in ${plain(namespace, 63)}`
}

import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'

/** A connection whose request asks to go on by another protocol. */
export interface Upgrade {
  request: IncomingMessage
  socket: Duplex
  head: Buffer
}

const protocol = 'v4.channel.k8s.io'
const data = 0
const trouble = 1

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  clientTracking: false,
  handleProtocols: (offered) => offered.has(protocol) && protocol,
})

/** Whether a container runtime takes this upgrade; all others it refuses with 403 and not a word more. */
export function isPortForward({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol']?.split(',') ?? []
  return headers.upgrade?.toLowerCase() === 'websocket' && offered.some((each) => each.trim() === protocol)
}

/**
 * A port-forward as the container runtime of a node serves it: the port's number first on both channels, then what is said by
 * the process that listens on it, or on the second channel why there is none. `listening` is the port on loopback behind it.
 * https://github.com/kubernetes/kubernetes/blob/v1.37.2/staging/src/k8s.io/cri-streaming/pkg/streaming/portforward/websocket.go
 */
export function servePortForward({ request, socket, head }: Upgrade, port: number, listening: number | undefined): void {
  server.handleUpgrade(request, socket, head, (client) => {
    const send = (channel: number, bytes: Uint8Array, done = () => {}) => client.send(Buffer.concat([Buffer.of(channel), bytes]), done)
    for (const channel of [data, trouble]) send(channel, Uint8Array.of(port & 0xff, port >> 8))
    const refuse = () => {
      const why = `failed to connect to localhost:${port} inside namespace, IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused`
      send(trouble, Buffer.from(`error forwarding port ${port} to pod, uid : failed to execute portforward in network namespace: ${why}`))
      client.close(1000)
    }
    client.on('error', () => client.terminate())
    if (listening === undefined) return refuse()

    const inside = connect(listening, '127.0.0.1')
    client.on('message', (message: Buffer) => void (message[0] === data && inside.write(message.subarray(1))))
    client.once('close', () => inside.destroy())
    inside.on('data', (bytes) => {
      inside.pause()
      send(data, bytes, () => inside.resume())
    })
    inside.once('error', refuse)
    inside.once('end', () => client.close(1000))
  })
}

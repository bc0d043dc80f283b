import http from 'node:http'
import net, { type AddressInfo } from 'node:net'

/** A proxy that connects to this server, whatever it is asked for; `tunnels` are the names that it was asked for. */
export async function startTunnel(server: { url: string }) {
  const tunnels: string[] = []
  const proxy = http.createServer().on('connect', (request, socket) => {
    tunnels.push(request.url ?? '')
    const target = net.connect(Number(new URL(server.url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
    socket.on('error', () => target.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    tunnels,
    env: { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    close() {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}

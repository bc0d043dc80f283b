import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

export interface Bad {
  /** Milliseconds before anything is handed on, in each direction. */
  latency?: number
  /** Every so-many-th connection is reset when the server begins to answer. */
  resets?: number
}

/** Puts a bad network in front of the API server of this kubeconfig; gives the path of one that leads through it, and how often it broke. */
export async function through(kubeconfig: string, { latency = 0, resets = 0 }: Bad): Promise<{ path: string; broken(): number }> {
  const text = await readFile(kubeconfig, 'utf8')
  const [, port = ''] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? []
  const sockets = new Set<Socket>()
  let count = 0
  let broken = 0
  const server = createServer((client) => {
    const nth = ++count
    const upstream = connect(Number(port), '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    // The first answers are the handshake's; what is reset is a call that the server has taken.
    let answers = 0
    const hand = async (chunk: Buffer, to: Socket) => {
      if (latency > 0) await after(latency)
      if (!to.destroyed) to.write(chunk)
    }
    client.on('data', (chunk) => void hand(chunk, upstream))
    upstream.on('data', (chunk) => {
      if (resets === 0 || nth % resets !== 0 || ++answers <= 2) return void hand(chunk, client)
      broken++
      client.resetAndDestroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const bad = `${kubeconfig}.bad`
  await writeFile(bad, text.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`))
  return { path: bad, broken: () => broken }
}

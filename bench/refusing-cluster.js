import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** A kubeconfig for an API server that answers 401 to everything: what is measured is loading the client and one call. */
export async function refusingCluster(folder) {
  // In a process of its own: the measuring one is blocked while it waits for its children.
  const child = fork(new URL(import.meta.url).pathname, [], { silent: true })
  const [{ port, cert }] = await once(child, 'message')
  const kubeconfig = join(folder, 'kubeconfig')
  const data = Buffer.from(cert).toString('base64')
  const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': data }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [{ name: 'bench', cluster }],
    users: [{ name: 'bench', user: { token: 'none' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
  return { kubeconfig, close: () => child.kill() }
}

if (process.send) {
  const names = [{ type: 7, ip: '127.0.0.1' }]
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'bench' }], {
    extensions: [{ name: 'subjectAltName', altNames: names }],
  })
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Unauthorized', code: 401 })
  const server = createServer({ key, cert }, (_, response) => response.writeHead(401, { 'content-type': 'application/json' }).end(body))
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, cert }))
}

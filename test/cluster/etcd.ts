import { request } from 'node:http'

/**
 * Compacts etcd at its newest revision, over the JSON side of its API, which speaks base64 and strings for numbers:
 * https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export async function compact(socketPath: string): Promise<void> {
  const { header } = await call(socketPath, '/v3/kv/range', { key: Buffer.from('/').toString('base64'), limit: '1' })
  await call(socketPath, '/v3/kv/compaction', { revision: header.revision, physical: true })
}

function call(socketPath: string, path: string, body: object): Promise<{ header: { revision: string } }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, method: 'POST' }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      if (response.statusCode === 200) resolve(JSON.parse(text))
      else reject(new Error(`etcd says ${response.statusCode}: ${text}`))
    })
      .once('error', reject)
      .end(JSON.stringify(body))
  })
}

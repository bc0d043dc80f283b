import { afterEach, describe, expect, it } from 'vitest'
import { secrets } from '../../src/kubernetes/resources.ts'
import { all, json, refuse, serve, type TestServer } from './server.ts'

let server: TestServer
afterEach(() => server.close())

describe('lists', () => {
  const item = (name: string) => ({ metadata: { name, namespace: 'ns', resourceVersion: '1' } })

  it('come page by page, with the type put back into each item', async () => {
    server = await serve(({ url }, response) => {
      const next = new URL(url, 'https://x').searchParams.get('continue')
      json(response, next === null ? { metadata: { continue: 'p2' }, items: [item('a')] } : { metadata: {}, items: [item('b')] })
    })
    const cluster = await server.connect()
    const found = await all(cluster.list(secrets, { namespace: 'ns', labelSelector: 'a=b' }))
    expect(found.map((each) => [each.kind, each.apiVersion, each.metadata.name])).toEqual([
      ['Secret', 'v1', 'a'],
      ['Secret', 'v1', 'b'],
    ])
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/api/v1/namespaces/ns/secrets?labelSelector=a%3Db&limit=500',
      '/api/v1/namespaces/ns/secrets?labelSelector=a%3Db&limit=500&continue=p2',
    ])
  })

  it('start over when they expire half-way, and give nothing twice', async () => {
    let expired = false
    server = await serve(({ url }, response) => {
      const next = new URL(url, 'https://x').searchParams.get('continue')
      if (next !== null && !expired) {
        expired = true
        return refuse(response, 410, 'Expired')
      }
      json(response, next === null ? { metadata: { continue: 'p2' }, items: [item('a')] } : { metadata: {}, items: [item('b')] })
    })
    const found = await all((await server.connect()).list(secrets))
    expect(found.map((each) => each.metadata.name)).toEqual(['a', 'b'])
    expect(server.requests).toHaveLength(4)
  })

  it('of metadata alone are asked for in a way that no server answers with values', async () => {
    server = await serve((_, response) => json(response, { metadata: {}, items: [{ ...item('a'), kind: 'PartialObjectMetadata' }] }))
    const found = await all((await server.connect()).list(secrets, { metadataOnly: true }))
    expect(found.map(({ kind }) => kind)).toEqual(['Secret'])
    expect(server.requests.map(({ headers }) => headers.accept)).toEqual([
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    ])
  })

  it('may be empty', async () => {
    server = await serve((_, response) => json(response, { items: null, metadata: {} }))
    expect(await all((await server.connect()).list(secrets))).toEqual([])
    expect(server.requests).toHaveLength(1)
  })
})

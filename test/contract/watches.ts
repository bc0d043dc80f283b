import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Api, configMap, type Open } from './api.ts'
import type { Watching } from './client.ts'

const namespace = 'watches'
const maps = `/api/v1/namespaces/${namespace}/configmaps`
const events = `/api/v1/namespaces/${namespace}/events`
const began: Watching[] = []

export function watchesContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
  })
  afterEach(async () => {
    for (const watching of began.splice(0)) watching.stop()
    await server.send('DELETE', maps)
  })
  afterAll(() => server.close())

  async function watch(query: string): Promise<Watching> {
    const watching = await server.watch(`${maps}?watch=1&${query}`)
    began.push(watching)
    return watching
  }

  /** Creates or changes; gives the resourceVersion. */
  async function put(name: string, data: Record<string, string>, labels: Record<string, string> = {}): Promise<string> {
    const reply = await server.apply(`${maps}/${name}`, configMap(name, data, labels), 'test', '&force=true')
    return reply.object.metadata.resourceVersion ?? ''
  }

  test('without a resourceVersion all that is there comes as ADDED, then what happens', async () => {
    await put('there', { a: '1' })
    const watching = await watch('')
    expect(await watching.next()).toMatchObject({
      type: 'ADDED',
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'there' } },
    })
    await put('there', { a: '2' })
    expect(await watching.next()).toMatchObject({ type: 'MODIFIED', object: { data: { a: '2' } } })
    const last = await put('new', {})
    expect(await watching.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'new', resourceVersion: last } } })
    await server.send('DELETE', `${maps}/there`)
    const gone = await watching.next()
    expect(gone).toMatchObject({ type: 'DELETED', object: { kind: 'ConfigMap', metadata: { name: 'there' }, data: { a: '2' } } })
    expect(Number(gone?.object.metadata.resourceVersion)).toBeGreaterThan(Number(last))
  })

  test('from a resourceVersion on, what was missed is told', async () => {
    const from = await put('one', { a: '1' })
    await put('one', { a: '2' })
    await put('one', { a: '3' })
    const watching = await watch(`resourceVersion=${from}`)
    expect((await watching.next())?.object['data']).toEqual({ a: '2' })
    expect((await watching.next())?.object['data']).toEqual({ a: '3' })
  })

  test('from the resourceVersion of a list on, nothing is told twice', async () => {
    await put('listed', {})
    const { resourceVersion } = (await server.send('GET', maps)).object.metadata
    const watching = await watch(`resourceVersion=${resourceVersion}`)
    await put('later', {})
    expect((await watching.next())?.object.metadata.name).toBe('later')
  })

  test('a resourceVersion that is too old is an ERROR event with 410, and the end', async () => {
    await server.send('POST', events, {
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'old' },
        involvedObject: { kind: 'Namespace', name: namespace, namespace },
      },
    })
    await server.compact()
    // Events, because a real server watches them in etcd, and all else in a cache that outlives a compaction.
    const watching = await server.watch(`${events}?watch=1&resourceVersion=1`)
    expect(watching.status).toBe(200)
    expect(await watching.next()).toEqual({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: expect.stringContaining('too old'),
        reason: 'Expired',
        code: 410,
      },
    })
    expect(await watching.next()).toBeUndefined()
  })

  test('a resourceVersion that is no number is 500', async () => {
    expect((await watch('resourceVersion=nonsense')).status).toBe(500)
  })

  test('an object that begins or ceases to match a selector comes and goes', async () => {
    const watching = await watch('labelSelector=show%3Dyes')
    await put('shy', {})
    await put('shy', {}, { show: 'yes' })
    expect(await watching.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'shy' } } })
    await put('shy', {}, { show: 'no' })
    expect(await watching.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'shy' } } })
  })

  test('a watch of one name sees only that', async () => {
    const watching = await watch('fieldSelector=metadata.name%3Dwanted')
    await put('other', {})
    await put('wanted', {})
    expect((await watching.next())?.object.metadata.name).toBe('wanted')
  })

  test('timeoutSeconds ends it', async () => {
    const watching = await watch('timeoutSeconds=1')
    expect(await watching.next()).toBeUndefined()
  })

  test('sendInitialEvents ends the beginning with an annotated bookmark', async () => {
    await put('first', {})
    const watching = await watch('sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan')
    expect((await watching.next())?.type).toBe('ADDED')
    expect(await watching.next()).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { resourceVersion: expect.stringMatching(/^\d+$/), annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    })
  })
}

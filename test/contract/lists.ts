import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import { type Api, configMap, type Open, secretsIn } from './api.ts'
import type { Reply } from './client.ts'

const namespace = 'lists'
const maps = `/api/v1/namespaces/${namespace}/configmaps`
const events = `/api/v1/namespaces/${namespace}/events`
const names = (reply: Reply) => reply.object['items'].map((item: KubernetesObject) => item.metadata.name)
const tokenOf = ({ object }: Reply) => encodeURIComponent((object.metadata as { continue?: string }).continue ?? '')

function about(name: string, reason = 'Paged'): KubernetesObject {
  const involvedObject = { kind: 'Pod', apiVersion: 'v1', name, namespace }
  return { apiVersion: 'v1', kind: 'Event', metadata: { name }, involvedObject, reason, type: 'Warning' }
}

export function listsContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
    for (const [name, labels] of Object.entries({ a: { tier: 'web', env: 'prod' }, b: { tier: 'web' }, c: { tier: 'db' }, d: {} })) {
      await server.send('POST', maps, { body: configMap(name, {}, labels) })
    }
  })
  afterAll(() => server.close())

  test('a list names its kind and the resourceVersion of the moment', async () => {
    const list = await server.send('GET', maps)
    expect(list.object).toMatchObject({
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: expect.stringMatching(/^\d+$/) },
    })
    expect(names(list)).toEqual(['a', 'b', 'c', 'd'])
    expect(names(await server.send('GET', secretsIn(namespace)))).toEqual([])
    expect(list.object['items'][0]).not.toHaveProperty('kind')
  })

  test('nothing but metadata, with whose each field is', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    const list = await server.send('GET', `${maps}?limit=2`, { headers: { accept } })
    expect(list.object).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
    expect(list.object.metadata).toHaveProperty('continue')
    expect(names(list)).toEqual(['a', 'b'])
    const [first] = list.object['items']
    expect(Object.keys(first).toSorted()).toEqual(['apiVersion', 'kind', 'metadata'])
    expect(first).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { managedFields: [{ manager: 'vitest' }] },
    })
  })

  test('all namespaces at once', async () => {
    const everywhere = await server.send('GET', '/api/v1/configmaps?fieldSelector=metadata.name%3Db')
    expect(names(everywhere)).toContain('b')
    const elsewhere = await server.send('GET', `/api/v1/configmaps?fieldSelector=metadata.namespace!%3D${namespace},metadata.name%3Da`)
    expect(names(elsewhere)).toEqual([])
  })

  test.each([
    ['tier=web', ['a', 'b']],
    ['tier==web,env=prod', ['a']],
    ['tier!=web', ['c', 'd']],
    ['tier in (web,db),!env', ['b', 'c']],
    ['tier notin (web)', ['c', 'd']],
    ['env', ['a']],
  ])('labelSelector %s', async (selector, expected) => {
    expect(names(await server.send('GET', `${maps}?labelSelector=${encodeURIComponent(selector)}`))).toEqual(expected)
  })

  test('a selector that can not be read is refused', async () => {
    const odd = await server.send('GET', `${maps}?labelSelector=${encodeURIComponent('a in b')}`)
    expect([odd.status, odd.failure.reason]).toEqual([400, 'BadRequest'])
  })

  test('fieldSelector finds by name, and refuses what it does not know', async () => {
    expect(names(await server.send('GET', `${maps}?fieldSelector=metadata.name%3Db`))).toEqual(['b'])
    const odd = await server.send('GET', `${maps}?fieldSelector=data.x%3Db`)
    expect([odd.status, odd.failure.message]).toEqual([
      400,
      '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ])
    const secret = await server.send('GET', `${secretsIn(namespace)}?fieldSelector=data.x%3Db`)
    expect([secret.status, secret.failure.message]).toEqual([400, 'field label not supported: data.x'])
  })

  test('events are found by what they are about', async () => {
    for (const name of ['x', 'y']) {
      expect((await server.send('POST', events, { body: about(name, 'Failed') })).status).toBe(201)
    }
    const selector = encodeURIComponent('involvedObject.name=y,involvedObject.kind=Pod,type=Warning')
    expect(names(await server.send('GET', `${events}?fieldSelector=${selector}`))).toEqual(['y'])
  })

  test('pages hold what was there when the first was read', async () => {
    const first = await server.send('GET', `${maps}?limit=3`)
    expect(names(first)).toEqual(['a', 'b', 'c'])
    expect(first.object.metadata).toMatchObject({ remainingItemCount: 1 })
    await server.send('POST', maps, { body: configMap('e') })
    const second = await server.send('GET', `${maps}?limit=3&continue=${tokenOf(first)}`)
    expect(names(second)).toEqual(['d'])
    expect(second.object.metadata).toEqual({ resourceVersion: first.object.metadata.resourceVersion })
    await server.send('DELETE', `${maps}/e`)
  })

  test('with a selector nobody counts what remains', async () => {
    const first = await server.send('GET', `${maps}?limit=1&labelSelector=tier`)
    expect(first.object.metadata).not.toHaveProperty('remainingItemCount')
    expect(names(await server.send('GET', `${maps}?limit=5&labelSelector=tier&continue=${tokenOf(first)}`))).toEqual(['b', 'c'])
  })

  // Events, because a real server answers for them from etcd, and for all else from a cache that outlives a compaction.
  test('a page that is too old is 410 Expired with a token for the present, one that never was 400', async () => {
    for (const name of ['one', 'three', 'two']) expect((await server.send('POST', events, { body: about(name) })).status).toBe(201)
    const late = `${events}?limit=1&fieldSelector=reason%3DPaged`
    const first = await server.send('GET', late)
    expect(names(first)).toEqual(['one'])
    await server.send('POST', events, { body: about('four') })
    await server.compact()
    const gone = await server.send('GET', `${late}&continue=${tokenOf(first)}`)
    expect([gone.status, gone.failure.reason]).toEqual([410, 'Expired'])
    expect(gone.failure.message).toMatch(/^The provided continue parameter is too old/)
    const token = encodeURIComponent(String(gone.failure.metadata['continue']))
    const onward = await server.send('GET', `${events}?fieldSelector=reason%3DPaged&continue=${token}`)
    expect(names(onward)).toEqual(['three', 'two'])
    expect((await server.send('GET', `${maps}?limit=1&continue=nonsense`)).status).toBe(400)
  })

  test('a resourceVersion that is no number is 400', async () => {
    const reply = await server.send('GET', `${maps}?resourceVersion=nonsense`)
    expect([reply.status, reply.failure.message]).toEqual([
      400,
      'invalid resource version: resourceVersion: Invalid value: "nonsense": strconv.ParseUint: parsing "nonsense": invalid syntax',
    ])
  })

  test('a resourceVersion from the future is 504', async () => {
    const reply = await server.send('GET', `${maps}?resourceVersion=999999999`)
    expect([reply.status, reply.failure.reason]).toEqual([504, 'Timeout'])
    expect(reply.failure.details?.causes?.[0]?.reason).toBe('ResourceVersionTooLarge')
  })
}

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { Api, Open } from './api.ts'

const namespace = 'patches'
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`
const path = `${deployments}/app`
const labels = { app: 'app' }
const containers = [
  { name: 'api', image: 'api:1', args: ['-v'] },
  { name: 'sync', image: 'sync:1' },
]
const app = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', annotations: { keep: 'me' } },
  spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
}

/** The containers, without what the server fills in. */
function written(object: KubernetesObject): object[] {
  const all: { name: string; image: string; args?: string[] }[] = object['spec'].template.spec.containers
  return all.map(({ name, image, args }) => ({ name, image, ...(args && { args }) }))
}

export function patchesContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
  })
  afterAll(() => server.close())

  beforeEach(async () => {
    await server.send('DELETE', path)
    expect((await server.send('POST', deployments, { body: app })).status).toBe(201)
  })

  const patch = (body: unknown, type: string) => server.send('PATCH', path, { body, type })

  test('strategic merge goes into lists by their key, merge patch replaces them', async () => {
    const body = { spec: { template: { spec: { containers: [{ name: 'sync', image: 'sync:2' }] } } } }
    const strategic = await patch(body, 'application/strategic-merge-patch+json')
    expect(written(strategic.object)).toEqual([
      { name: 'api', image: 'api:1', args: ['-v'] },
      { name: 'sync', image: 'sync:2' },
    ])
    const merged = await patch(body, 'application/merge-patch+json')
    expect(written(merged.object)).toEqual([{ name: 'sync', image: 'sync:2' }])
  })

  test('strategic merge deletes an item by directive, and a field by null', async () => {
    const containers = [{ name: 'sync', $patch: 'delete' }]
    const body = { metadata: { annotations: { keep: null, new: 'one' } }, spec: { template: { spec: { containers } } } }
    const done = await patch(body, 'application/strategic-merge-patch+json')
    expect(done.object['spec'].template.spec.containers.map((each: { name: string }) => each.name)).toEqual(['api'])
    expect(done.object.metadata.annotations).toEqual({ new: 'one' })
  })

  test('JSON patch adds, tests, replaces, moves and removes', async () => {
    const done = await patch(
      [
        { op: 'test', path: '/spec/replicas', value: 2 },
        { op: 'replace', path: '/spec/replicas', value: 3 },
        { op: 'add', path: '/metadata/annotations/a~1b', value: 'c' },
        { op: 'add', path: '/spec/template/spec/containers/0/args/-', value: '-x' },
        { op: 'remove', path: '/spec/template/spec/containers/1' },
        { op: 'move', from: '/metadata/annotations/keep', path: '/metadata/annotations/kept' },
      ],
      'application/json-patch+json',
    )
    expect(done.status).toBe(200)
    expect(done.object['spec'].replicas).toBe(3)
    expect(written(done.object)).toEqual([{ name: 'api', image: 'api:1', args: ['-v', '-x'] }])
    expect(done.object.metadata.annotations).toEqual({ 'a/b': 'c', kept: 'me' })
  })

  test('a JSON patch that can not be carried out changes nothing', async () => {
    const failed = await patch(
      [
        { op: 'replace', path: '/spec/replicas', value: 5 },
        { op: 'test', path: '/spec/replicas', value: 4 },
      ],
      'application/json-patch+json',
    )
    expect([failed.status, failed.failure.reason]).toEqual([422, 'Invalid'])
    const object = await patch({ spec: {} }, 'application/json-patch+json')
    expect([object.status, object.failure.reason]).toEqual([400, 'BadRequest'])
    expect((await server.send('GET', path)).object['spec'].replicas).toBe(2)
  })

  test('resourceVersion in a merge patch is a precondition', async () => {
    const stale = await patch({ metadata: { resourceVersion: '1' }, spec: { replicas: 5 } }, 'application/merge-patch+json')
    expect([stale.status, stale.failure.reason]).toEqual([409, 'Conflict'])
  })

  test('another media type is 415', async () => {
    const odd = await patch({}, 'application/json')
    expect([odd.status, odd.failure.reason, odd.failure.message]).toEqual([415, 'UnsupportedMediaType', '415: Unsupported Media Type'])
  })

  test('the generation counts changes of the spec, not of metadata or status', async () => {
    const generation = async () => (await server.send('GET', path)).object.metadata.generation
    expect(await generation()).toBe(1)
    await patch({ spec: { replicas: 5 } }, 'application/merge-patch+json')
    expect(await generation()).toBe(2)
    await patch({ metadata: { labels: { a: 'b' } } }, 'application/merge-patch+json')
    await server.send('PATCH', `${path}/status`, { body: { status: { replicas: 5 } }, type: 'application/merge-patch+json' })
    expect(await generation()).toBe(2)
  })

  test('server-side apply tracks containers by name', async () => {
    const spec = { template: { spec: { containers: [{ name: 'sync', image: 'sync:9' }] } } }
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'app' }, spec }
    const refused = await server.apply(path, body, 'me')
    expect(refused.failure.details?.causes?.map((cause) => cause.field)).toEqual(['.spec.template.spec.containers[name="sync"].image'])
    const forced = await server.apply(path, body, 'me', '&force=true')
    expect(written(forced.object)).toEqual([
      { name: 'api', image: 'api:1', args: ['-v'] },
      { name: 'sync', image: 'sync:9' },
    ])
    const mine = forced.object.metadata.managedFields?.find((entry) => entry.manager === 'me')
    expect(JSON.stringify(mine?.fieldsV1)).toBe(
      '{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\\"name\\":\\"sync\\"}":{".":{},"f:image":{},"f:name":{}}}}}}}',
    )
  })
}

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Api, Open } from './api.ts'
import { define, widgetDefinition } from './widgets.ts'

const namespace = 'discovery'

export function discoveryContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
    await define(server, widgetDefinition())
  })
  afterAll(() => server.close())

  test('version and health', async () => {
    const { major, minor, gitVersion } = (await server.send('GET', '/version')).object
    expect([`v${major}.${minor}`, gitVersion]).toEqual([expect.stringMatching(/^v1\.\d+$/), expect.stringContaining(`v${major}.${minor}.`)])
    for (const path of ['/readyz', '/livez', '/healthz', '/readyz/ping']) expect((await server.send('GET', path)).text).toBe('ok')
  })

  test('groups and resources', async () => {
    expect((await server.send('GET', '/api')).object).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    const groups = (await server.send('GET', '/apis')).object['groups'].map((group: { name: string }) => group.name)
    expect(groups).toEqual(expect.arrayContaining(['apps', 'apiextensions.k8s.io', 'coordination.k8s.io', 'example.test']))
    const core = (await server.send('GET', '/api/v1')).object
    expect(core['groupVersion']).toBe('v1')
    const found = core['resources'].find((each: { name: string }) => each.name === 'secrets')
    expect(found).toMatchObject({
      name: 'secrets',
      singularName: 'secret',
      namespaced: true,
      kind: 'Secret',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    })
    const custom = (await server.send('GET', '/apis/example.test/v1')).object['resources']
    expect(custom).toMatchObject([
      { name: 'widgets', kind: 'Widget', shortNames: ['wd'] },
      { name: 'widgets/status', kind: 'Widget', verbs: ['get', 'patch', 'update'] },
    ])
  })

  test('aggregated discovery for those who ask', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const reply = await server.send('GET', '/apis', { headers: { accept } })
    expect(reply.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    const group = reply.object['items'].find((item: { metadata: { name: string } }) => item.metadata.name === 'example.test')
    expect(group.versions.map((each: { version: string }) => each.version)).toEqual(['v1', 'v1beta1'])
    expect(group.versions[0].resources[0]).toMatchObject({
      resource: 'widgets',
      scope: 'Namespaced',
      responseKind: { group: 'example.test', version: 'v1', kind: 'Widget' },
      subresources: [{ subresource: 'status' }],
    })
  })

  test('OpenAPI v3 says that the server validates fields itself', async () => {
    const index = (await server.send('GET', '/openapi/v3')).object['paths']
    expect(index['api/v1']).toEqual({ serverRelativeURL: expect.stringMatching(/^\/openapi\/v3\/api\/v1(\?hash=|$)/) })
    const read = () => server.send('GET', '/openapi/v3/apis/example.test/v1')
    // What a CRD brings is there some moments after it is served.
    await expect.poll(async () => (await read()).status, { timeout: 10_000 }).toBe(200)
    const document = (await read()).object
    const { patch } = document['paths']['/apis/example.test/v1/namespaces/{namespace}/widgets/{name}']
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'example.test', version: 'v1', kind: 'Widget' })
    expect(patch.parameters.map((each: { name: string }) => each.name)).toContain('fieldValidation')
    expect((await server.send('GET', '/openapi/v3/apis/none.test/v1')).status).toBe(404)
  })
}

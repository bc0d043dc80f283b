import { afterEach, describe, expect, it } from 'vitest'
import { fluxCrds } from '../../src/sandbox/flux/crds.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'
import { json, serve } from './server.ts'

let sandbox: Sandbox
afterEach(() => sandbox?.close())

describe('discovery', () => {
  it('knows core and named groups, and asks for what it has found once only', async () => {
    sandbox = await startSandbox()
    const { cluster, server } = sandbox
    expect(await cluster.resource('', 'Secret')).toEqual({ group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true })
    expect(await cluster.resource('apps', 'Deployment')).toMatchObject({ plural: 'deployments', version: 'v1', namespaced: true })
    const before = server.log.length
    await cluster.resource('apps', 'Deployment')
    await cluster.resource('', 'Namespace')
    expect(await cluster.served('apps')).toEqual(['v1'])
    expect(server.log).toHaveLength(before)
  })

  it('what is not served is an answer, and is found as soon as its CRD arrives', async () => {
    sandbox = await startSandbox()
    const { cluster, server } = sandbox
    const group = 'kustomize.toolkit.fluxcd.io'
    expect(await cluster.served(group)).toEqual([])
    expect(await cluster.resource(group, 'Kustomization')).toBeUndefined()
    for (const crd of fluxCrds({})) server.store.put(crd, 'test')
    expect(await cluster.resource(group, 'Kustomization')).toMatchObject({ plural: 'kustomizations', version: 'v1' })
    expect(await cluster.resource(group, 'Kustomization', 'v1beta2')).toBeUndefined()
    expect(await cluster.resource(group, 'NoSuchKind')).toBeUndefined()
  })

  it('puts the preferred version first, and leaves out versions without the kind, and subresources', async () => {
    const server = await serve(({ url }, response) => {
      const versions = ['v1alpha1', 'v1beta1', 'v1'].map((version) => ({ version }))
      const kinds = [
        { name: 'stores/status', kind: 'Store', namespaced: false },
        { name: 'stores', kind: 'Store', namespaced: false },
      ]
      if (url === '/apis/x.io') json(response, { versions, preferredVersion: { version: 'v1' } })
      else json(response, { resources: url.endsWith('v1alpha1') ? [] : kinds })
    })
    const cluster = await server.connect()
    expect(await cluster.served('x.io')).toEqual(['v1', 'v1alpha1', 'v1beta1'])
    expect(await cluster.served('x.io', 'Store')).toEqual(['v1', 'v1beta1'])
    expect(await cluster.resource('x.io', 'Store')).toMatchObject({ version: 'v1', plural: 'stores' })
    await server.close()
  })

  it('finds a kind in a version that the group did not serve when it was first looked at', async () => {
    let isThere = false
    const server = await serve(({ url }, response) => {
      const versions = (isThere ? ['v1', 'v1alpha1'] : ['v1alpha1']).map((version) => ({ version }))
      if (url === '/apis/x.io') json(response, { versions, preferredVersion: versions[0] })
      else json(response, { resources: url.endsWith('/v1') ? [{ name: 'stores', kind: 'Store', namespaced: false }] : [] })
    })
    const cluster = await server.connect()
    expect(await cluster.resource('x.io', 'Store')).toBeUndefined()
    expect(await cluster.served('x.io', 'Store')).toEqual([])
    isThere = true
    expect(await cluster.resource('x.io', 'Store')).toMatchObject({ version: 'v1', plural: 'stores' })
    expect(await cluster.served('x.io', 'Store')).toEqual(['v1'])
    await server.close()
  })

  it('a failure is not remembered', async () => {
    sandbox = await startSandbox()
    sandbox.server.inject({ match: { path: '/apis/apps' }, times: 4, answer: { status: 500, reason: 'InternalError', message: 'x' } })
    await expect(sandbox.cluster.served('apps')).rejects.toMatchObject({ id: 'server-error' })
    expect(await sandbox.cluster.served('apps')).toEqual(['v1'])
  })
})

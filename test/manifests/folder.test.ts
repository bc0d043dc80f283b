import { describe, expect, it } from 'vitest'
import { readFolder } from '../../src/manifests/folder.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { appTree, base, catalyst, deployment, helmRelease, seed, store } from './layouts.ts'

const read = (files: Record<string, string>, path = base) => readFolder(treeOf(files), path)

describe("the seed's folder", () => {
  it('holds two stores in one file, each with its line and token', async () => {
    const { stores, sdkStores } = await read(seed())
    expect(sdkStores).toEqual([])
    expect(stores.map(({ kind, name, line, file }) => [kind, name, line, file.path])).toEqual([
      ['ClusterSecretStore', 'onepassword', 1, `${base}/secretstores/onepassword-secretstore.yaml`],
      ['SecretStore', 'onepassword', 19, `${base}/secretstores/onepassword-secretstore.yaml`],
    ])
    expect(stores[0]).toMatchObject({
      apiVersion: 'external-secrets.io/v1beta1',
      connectHost: 'http://onepassword-connect.external-secrets.svc.cluster.local:8080',
      token: { name: 'onepassword-connect-token', key: 'token', namespace: 'external-secrets' },
      vaults: [{ key: 'homelab', order: 1 }],
    })
    expect(stores[1]?.token).toEqual({ name: 'onepassword-connect-token', key: 'token' })
    expect(stores[0]?.file.text).toBe(seed()[`${base}/secretstores/onepassword-secretstore.yaml`])
  })

  it('has Connect and the stores commented out, and the operator live', async () => {
    const folder = await read(seed())
    expect(folder.components).toEqual({
      connect: { entry: 'onepassword-connect', list: 'resources', state: 'commented', target: `${base}/onepassword-connect`, line: 7 },
      stores: { entry: 'secretstores', list: 'resources', state: 'commented', target: `${base}/secretstores`, line: 8 },
    })
    expect(folder.operator).toEqual({
      file: `${base}/operator/helmrelease.yaml`,
      name: 'external-secrets',
      namespace: 'external-secrets',
      version: '0.11.x',
      workloads: { namespace: 'external-secrets', prefix: 'external-secrets' },
      live: true,
    })
    expect(folder.connect).toEqual({
      file: `${base}/onepassword-connect/deployment.yaml`,
      line: 1,
      kind: 'Deployment',
      name: 'onepassword-connect',
      namespace: 'external-secrets',
      consumer: 'environment',
      because: 'OP_SESSION is read from the Secret',
      credentials: { name: 'onepassword-connect-secret', key: '1password-credentials.json' },
    })
    expect(folder.namespace).toBe('external-secrets')
    expect(folder.namespaceFile).toBe(`${base}/namespace.yaml`)
    expect(folder.kustomization).toEqual({ path: `${base}/kustomization.yaml`, text: seed()[`${base}/kustomization.yaml`] })
  })

  it('is told by what the targets hold, not by their names', async () => {
    const files = seed()
    const renamed = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [
        path.replace('/onepassword-connect/', '/one/').replace('/secretstores/', '/two/'),
        text.replace('# - onepassword-connect', '# - ./one').replace('# - secretstores', '# - two/'),
      ]),
    )
    const { components } = await read(renamed)
    expect(components.connect).toMatchObject({ entry: './one', state: 'commented', target: `${base}/one` })
    expect(components.stores).toMatchObject({ entry: 'two/', state: 'commented', target: `${base}/two` })
  })

  it('counts an entry that is live and commented as live', async () => {
    const files = seed()
    files[`${base}/kustomization.yaml`] += '  - ./secretstores\n'
    expect((await read(files)).components.stores).toMatchObject({ entry: './secretstores', state: 'live', line: 9 })
  })
})

describe('a component that no entry brings', () => {
  const listing = (...lines: string[]) => ({
    ...seed(),
    [`${base}/kustomization.yaml`]: `resources:\n  - namespace.yaml\n${lines.join('')}`,
  })

  it('lies in the folder of its usual name: the line is missing, and what it would bring counts', async () => {
    const { components, stores, connect } = await read(listing())
    expect(components).toEqual({
      connect: { entry: 'onepassword-connect', list: 'resources', state: 'absent', target: `${base}/onepassword-connect` },
      stores: { entry: 'secretstores', list: 'resources', state: 'absent', target: `${base}/secretstores` },
    })
    expect(stores).toHaveLength(2)
    expect(connect).toMatchObject({ name: 'onepassword-connect', consumer: 'environment' })
  })

  it('goes into the list that its kind asks for', async () => {
    const component = { [`${base}/secretstores/kustomization.yaml`]: 'kind: Component\nresources: [onepassword-secretstore.yaml]\n' }
    expect((await read({ ...listing(), ...component })).components.stores).toMatchObject({ list: 'components', state: 'absent' })
  })

  it('is looked for no further where another entry brings it', async () => {
    const files = { ...listing('  - mine.yaml\n'), [`${base}/mine.yaml`]: store() }
    const { components, stores } = await read(files)
    expect(components.stores).toMatchObject({ entry: 'mine.yaml', state: 'live' })
    expect(stores).toHaveLength(1)
  })

  it('is not in this folder where nothing lies there: no entry is made up for it', async () => {
    const files = listing('  # - secretstores\n')
    for (const path of Object.keys(files)) if (path.includes('/onepassword-connect/')) delete (files as Record<string, string>)[path]
    const { components, connect } = await read(files)
    expect(connect).toBeUndefined()
    expect(components.connect).toEqual({ entry: 'onepassword-connect', list: 'resources', state: 'external', target: '' })
  })

  it('stays unlisted where all stores name a host outside', async () => {
    const files = { ...listing('  - mine.yaml\n'), [`${base}/mine.yaml`]: store('ClusterSecretStore', 'https://connect.lan.example') }
    expect((await read(files)).components.connect).toMatchObject({ state: 'external' })
  })
})

it('reads the split layout: all live, the operator in the folder but listed nowhere', async () => {
  const folder = await read(catalyst())
  expect(folder.components.connect).toMatchObject({ state: 'live', entry: 'onepassword-connect', line: 4 })
  expect(folder.components.stores).toMatchObject({ state: 'live', entry: 'secretstores' })
  expect(folder.operator).toMatchObject({ name: 'external-secrets', live: false })
  expect(folder.namespaceFile).toBeUndefined()
})

describe('a folder that lists a ks.yaml for each app', () => {
  const apps = 'kubernetes/apps/external-secrets'

  it('holds what those Flux Kustomizations build', async () => {
    const folder = await read(appTree(), apps)
    const entry = { entry: './onepassword/ks.yaml', list: 'resources', state: 'commented', target: `${apps}/onepassword/ks.yaml`, line: 6 }
    expect(folder.components).toEqual({ connect: entry, stores: entry })
    expect(folder.connect).toMatchObject({
      kind: 'HelmRelease',
      name: 'onepassword',
      namespace: 'external-secrets',
      consumer: 'environment',
      credentials: { name: 'onepassword-secret', key: '1password-credentials.json' },
    })
    expect(folder.operator).toMatchObject({ version: '2.9.0', live: true, namespace: 'external-secrets' })
    expect(folder.namespaceFile).toBe(`${apps}/namespace.yaml`)
  })

  it('can be read from the inside as well', async () => {
    const folder = await read(appTree(), `${apps}/onepassword/app`)
    expect(folder.components.connect).toMatchObject({ entry: './helmrelease.yaml', state: 'live' })
    expect(folder.components.stores).toMatchObject({ entry: './clustersecretstore.yaml', state: 'live' })
    expect(folder.operator).toBeUndefined()
  })
})

describe('the official chart', () => {
  const withChart = (version: string, values = '') => ({
    ...seed(),
    [`${base}/onepassword-connect/deployment.yaml`]: helmRelease('connect', version) + values,
  })

  it.each([
    ['2.2.1', 'environment'],
    ['2.4.1', 'file'],
    ['2.x', undefined],
  ])('at %s: %s', async (version, consumer) => {
    const { connect } = await read(withChart(version))
    expect(connect).toMatchObject({
      kind: 'HelmRelease',
      consumer,
      chartVersion: version,
      credentials: { name: 'op-credentials', key: '1password-credentials.json' },
    })
    expect(connect?.because).toMatch(/^the Connect chart .*2\.3\.0/)
  })

  it('takes the names of the Secret from the values', async () => {
    const { connect } = await read(withChart('2.4.1', '  values: { connect: { credentialsName: mine, credentialsKey: k } }\n'))
    expect(connect?.credentials).toEqual({ name: 'mine', key: 'k' })
  })
})

describe('the namespace', () => {
  it('is what the kustomization puts on everything, before what the objects say', async () => {
    const files = seed()
    files[`${base}/kustomization.yaml`] = `namespace: security\n${files[`${base}/kustomization.yaml`]}`
    const folder = await read(files)
    expect(folder.namespace).toBe('security')
    expect(folder.connect?.namespace).toBe('security')
    expect(folder.stores[1]?.namespace).toBe('security')
    expect(folder.stores[0]?.namespace).toBeUndefined()
  })

  it('is where the stores look for the token, if nothing else tells', async () => {
    const files = seed()
    files[`${base}/onepassword-connect/deployment.yaml`] = deployment.replace('  namespace: external-secrets\n', '')
    files[`${base}/secretstores/onepassword-secretstore.yaml`] = store().replace('namespace: external-secrets', 'namespace: vaults')
    expect((await read(files)).namespace).toBe('vaults')
  })

  it('is external-secrets by default', async () => {
    expect((await read({ 'x/kustomization.yaml': 'resources: []\n' }, 'x')).namespace).toBe('external-secrets')
  })
})

it('tells stores of the SDK provider apart', async () => {
  const files = seed()
  files[`${base}/secretstores/onepassword-secretstore.yaml`] =
    'apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: { name: sdk }\nspec: { provider: { onepasswordSDK: { vault: Operations } } }\n'
  const folder = await read(files)
  expect(folder.stores).toEqual([])
  expect(folder.sdkStores).toMatchObject([{ name: 'sdk', vault: 'Operations' }])
  expect(folder.components.stores).toMatchObject({ entry: 'secretstores', state: 'commented' })
})

it('knows that Connect runs elsewhere when the stores name a host outside', async () => {
  const files = {
    'x/kustomization.yaml': 'resources: [s.yaml]\n',
    'x/s.yaml': store('ClusterSecretStore', 'https://connect.lan.example:8443'),
  }
  const { components, connect } = await read(files, 'x')
  expect(connect).toBeUndefined()
  expect(components).toEqual({
    connect: { entry: 'onepassword-connect', list: 'resources', state: 'external', target: '' },
    stores: { entry: 's.yaml', list: 'resources', state: 'live', target: 'x/s.yaml', line: 1 },
  })
})

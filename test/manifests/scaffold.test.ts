import { describe, expect, it } from 'vitest'
import { deadlock } from '../../src/manifests/deadlock.ts'
import { declaredKustomizations } from '../../src/manifests/flux-files.ts'
import { readFolder } from '../../src/manifests/folder.ts'
import { enableEntry } from '../../src/manifests/kustomization.ts'
import { clusterListing } from '../../src/manifests/scaffold.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { build } from '../../src/sandbox/kustomize.ts'
import { base, type Files } from './layouts.ts'
import { objectsIn, scaffolded } from './scaffolded.ts'

const kustomization = `${base}/kustomization.yaml`
const builds = async (files: Files, folder: string) =>
  (await build(treeOf(files), folder)).map(({ kind, metadata: { name } }) => `${kind} ${name}`)
// biome-ignore lint/suspicious/noExplicitAny: each test looks at the fields it knows
const only = (files: Files, kind: string): any => {
  const [found, second] = objectsIn(files).filter((object) => object.kind === kind)
  expect(second).toBeUndefined()
  return found
}

function enabled(files: Files): Files {
  const enable = (text: string, entry: string) => enableEntry({ path: kustomization, text }, { entry, list: 'resources' })
  return { ...files, [kustomization]: ['onepassword-connect', 'secretstores'].reduce(enable, files[kustomization] ?? '') }
}

it('writes the whole folder, and the Flux Kustomizations for the cluster', async () => {
  const files = await scaffolded()
  expect(Object.keys(files).sort()).toEqual([
    'clusters/home/external-secrets.yaml',
    ...[
      ...['README.md', 'STATUS.md', 'kustomization.yaml', 'namespace.yaml'],
      ...['onepassword-connect/deployment.yaml', 'onepassword-connect/kustomization.yaml', 'onepassword-connect/service.yaml'],
      ...['operator/helmrelease.yaml', 'operator/helmrepository.yaml', 'operator/kustomization.yaml'],
      ...['secretstores/example-externalsecret.yaml', 'secretstores/kustomization.yaml', 'secretstores/onepassword-secretstore.yaml'],
    ].map((file) => `${base}/${file}`),
  ])
  for (const text of Object.values(files)) expect(text).not.toMatch(/__|\t|\r| $/m)
})

describe('what kustomize makes of it', () => {
  it('is the namespace alone until Connect and the stores are enabled', async () => {
    const files = await scaffolded()
    expect(files[kustomization]).toContain('  # - onepassword-connect\n  # - secretstores\n')
    expect(await builds(files, base)).toEqual(['Namespace external-secrets'])
    expect(await builds(enabled(files), base)).toEqual([
      'Namespace external-secrets',
      'Deployment onepassword-connect',
      'Service onepassword-connect',
      'ClusterSecretStore onepassword',
      'SecretStore onepassword',
    ])
  })

  it('holds the example once it is listed', async () => {
    const file = `${base}/secretstores/kustomization.yaml`
    const files = await scaffolded()
    const text = enableEntry({ path: file, text: files[file] ?? '' }, { entry: 'example-externalsecret.yaml', list: 'resources' })
    expect(await builds({ ...files, [file]: text }, `${base}/secretstores`)).toContain('ExternalSecret example')
  })

  it('has the operator on its own, before everything else', async () => {
    const files = enabled(await scaffolded())
    expect(await builds(files, `${base}/operator`)).toEqual(['HelmRepository external-secrets', 'HelmRelease external-secrets'])
    expect(await builds(files, 'clusters/home')).toEqual(['Kustomization external-secrets-operator', 'Kustomization external-secrets'])
    const tree = treeOf(files)
    const declared = await declaredKustomizations(tree)
    expect(declared).toMatchObject([
      { name: 'external-secrets-operator', path: `${base}/operator`, wait: true, dependsOn: [] },
      { name: 'external-secrets', path: base, wait: true, dependsOn: [{ name: 'external-secrets-operator' }] },
    ])
    expect(await deadlock(tree, declared)).toMatchObject({ together: [], isOrdered: true })
  })
})

describe('the operator', () => {
  it('is the chart of its repository, with metrics, webhook and cert controller', async () => {
    const files = await scaffolded({ esoVersion: '0.11.x' })
    expect(only(files, 'HelmRepository').spec.url).toBe('https://charts.external-secrets.io')
    const { spec } = only(files, 'HelmRelease')
    expect(spec).toMatchObject({
      chart: { spec: { chart: 'external-secrets', version: '0.11.x', sourceRef: { kind: 'HelmRepository', name: 'external-secrets' } } },
      targetNamespace: 'external-secrets',
      install: { createNamespace: true },
      values: { installCRDs: true, serviceMonitor: { enabled: true }, webhook: { create: true }, certController: { create: true } },
    })
    const asked = { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '100m', memory: '128Mi' } }
    expect([spec.values.resources, spec.values.webhook.resources, spec.values.certController.resources]).toEqual([asked, asked, asked])
  })
})

describe('Connect', () => {
  it('runs both containers as its own user, which may do nothing else', async () => {
    const pod = only(await scaffolded({ connectVersion: '1.7.3' }), 'Deployment').spec.template.spec
    expect(pod.containers.map(({ image }: { image: string }) => image)).toEqual([
      'docker.io/1password/connect-api:1.7.3',
      'docker.io/1password/connect-sync:1.7.3',
    ])
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } },
      volumes: [{ name: 'data', emptyDir: {} }],
    })
    for (const container of pod.containers) {
      expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })
      expect(container.volumeMounts).toEqual([{ name: 'data', mountPath: '/home/opuser/.op/data' }])
    }
  })

  it('is watched on the port that each container listens to, and each knows where the other is', async () => {
    const containers = only(await scaffolded(), 'Deployment').spec.template.spec.containers
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const facts = containers.map(({ env, ports: [port], readinessProbe, livenessProbe }: any) => {
      const values = Object.fromEntries(env.map(({ name, value }: { name: string; value: unknown }) => [name, value]))
      const { OP_HTTP_PORT, OP_BUS_PORT, OP_BUS_PEERS } = values
      const probes = [readinessProbe, livenessProbe].map(({ httpGet }) => `${httpGet.path} ${httpGet.port === port.name}`)
      return [OP_HTTP_PORT, String(port.containerPort), OP_BUS_PORT, OP_BUS_PEERS, ...probes]
    })
    expect(facts).toEqual([
      ['8080', '8080', '11220', 'localhost:11221', '/health true', '/heartbeat true'],
      ['8081', '8081', '11221', 'localhost:11220', '/health true', '/heartbeat true'],
    ])
  })

  it('is reached by the stores through a Service that is inside of the cluster only', async () => {
    const files = await scaffolded()
    const { spec, metadata } = only(files, 'Service')
    const pod = only(files, 'Deployment').spec.template
    expect(spec).toMatchObject({ type: 'ClusterIP', ports: [{ port: 8080, targetPort: 'http' }] })
    expect(pod.metadata.labels).toMatchObject(spec.selector)
    expect(only(files, 'Deployment').spec.selector.matchLabels).toEqual(spec.selector)
    for (const kind of ['ClusterSecretStore', 'SecretStore']) {
      expect(only(files, kind).spec.provider.onepassword.connectHost).toBe(`http://${metadata.name}.external-secrets.svc:8080`)
    }
  })
})

it('reads back as a folder that waits for its Secrets', async () => {
  const { components, connect, stores, operator, namespace, namespaceFile } = await readFolder(treeOf(await scaffolded()), base)
  expect(components).toMatchObject({ connect: { state: 'commented' }, stores: { state: 'commented' } })
  expect(connect).toMatchObject({
    consumer: 'environment',
    credentials: { name: 'onepassword-connect-secret', key: '1password-credentials.json' },
  })
  const token = { name: 'onepassword-connect-token', key: 'token' }
  expect(stores).toMatchObject([
    { kind: 'ClusterSecretStore', token: { ...token, namespace: 'external-secrets' } },
    { kind: 'SecretStore', namespace: 'external-secrets', token },
  ])
  expect(stores[1]?.token).toEqual(token)
  expect(operator).toMatchObject({ version: '2.9.x', workloads: { namespace: 'external-secrets' } })
  expect([namespace, namespaceFile]).toEqual(['external-secrets', `${base}/namespace.yaml`])
})

it('keeps Flux from deleting the namespace, and the Secrets in it, with its file', async () => {
  expect(only(await scaffolded(), 'Namespace').metadata.annotations).toEqual({ 'kustomize.toolkit.fluxcd.io/prune': 'disabled' })
})

it('writes other names wherever they belong', async () => {
  const source = { kind: 'OCIRepository', name: 'fleet', namespace: 'gitops' }
  const files = await scaffolded({}, { path: './apps/eso/', clusterPath: './fleet/b/', namespace: 'vaults', source })
  expect(Object.keys(files).every((path) => path === 'fleet/b/external-secrets.yaml' || path.startsWith('apps/eso/'))).toBe(true)
  const flux = objectsIn(files).filter(({ apiVersion }) => apiVersion === 'kustomize.toolkit.fluxcd.io/v1')
  expect(flux.map(({ metadata, spec }) => [metadata.namespace, spec.path, spec.sourceRef])).toEqual([
    ['gitops', './apps/eso/operator', { kind: 'OCIRepository', name: 'fleet' }],
    ['gitops', './apps/eso', { kind: 'OCIRepository', name: 'fleet' }],
  ])
  expect(Object.values(files).join('')).not.toMatch(/namespace: external-secrets\b|flux-system/)
  expect(only(files, 'HelmRelease')).toMatchObject({ metadata: { namespace: 'gitops' }, spec: { targetNamespace: 'vaults' } })
  expect(only(files, 'Namespace').metadata.name).toBe('vaults')
})

describe('a name that YAML would misread', () => {
  it.each(['no', '0123', '1e5', 'a: b', 'x #y', '*a', '', 'a__b'])('%j is refused', async (namespace) => {
    await expect(scaffolded({}, { namespace })).rejects.toMatchObject({
      id: 'name-not-plain',
      exit: 'usage',
      message: `The namespace ${JSON.stringify(namespace)} can't stand in a YAML file without quotes.`,
    })
  })
})

describe('where the cluster lists the new file', () => {
  it.each(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])('%s', (name) => {
    expect(clusterListing('clusters/home', ['apps.yaml', name])).toEqual({ file: `clusters/home/${name}`, entry: 'external-secrets.yaml' })
  })

  it('nowhere, if Flux takes all files of the folder', () => {
    expect(clusterListing('clusters/home', ['apps.yaml', 'kustomization.yaml.bak'])).toBeUndefined()
  })
})

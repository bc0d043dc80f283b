import { afterAll, beforeAll, expect, test } from 'vitest'
import { withChartVersion, withStoreApi } from '../../src/sandbox/scenarios/files.ts'
import { base, seedFiles } from './layouts.ts'
import { startTranscript } from './transcript.ts'
import { clusterFolder, startWorld, type World } from './world.ts'

const transcript = startTranscript('homes')
let world: World

/** As flux-operator's users have it: a parent that lists ks.yaml files, their objects in the namespace of the application. */
async function files(): Promise<Record<string, string>> {
  const { [`${clusterFolder}/external-secrets.yaml`]: _, ...rest } = withStoreApi(withChartVersion(await seedFiles(), '0.20.x'), 'v1')
  const kustomization = (namespace: string, ...resources: string[]) =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${namespace}resources:\n${resources.map((each) => `  - ${each}\n`).join('')}`
  const ks = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: secrets
spec:
  interval: 1h
  retryInterval: 30s
  path: ./${base}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
    namespace: flux-system
`
  return {
    ...rest,
    [`${clusterFolder}/apps/kustomization.yaml`]: kustomization('', './external-secrets'),
    [`${clusterFolder}/apps/external-secrets/kustomization.yaml`]: kustomization(
      'namespace: external-secrets\n',
      './namespace.yaml',
      './ks.yaml',
    ),
    [`${clusterFolder}/apps/external-secrets/namespace.yaml`]: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: external-secrets\n',
    [`${clusterFolder}/apps/external-secrets/ks.yaml`]: ks,
    [`${base}/kustomization.yaml`]: (rest[`${base}/kustomization.yaml`] ?? '').replace(/^ *- namespace.yaml\n/m, ''),
  }
}

beforeAll(async () => {
  const sync = { ref: { name: 'refs/heads/main' }, path: clusterFolder }
  // A title that is another thing, or none at all, where YAML finds it without quotes.
  world = await startWorld({ transcript, files: await files(), sync, vault: 'Home: lab #1' })
})
afterAll(async () => {
  await world?.stop()
  await transcript.save()
})

test('ref.name as flux-operator writes it, a parent with ks.yaml files, a Flux Kustomization in the application’s namespace', async () => {
  transcript.note('flux-operator’s layout: ref.name instead of a branch, ks.yaml files below a parent, Flux objects in external-secrets.')
  const release = '/apis/helm.toolkit.fluxcd.io/v2/namespaces/external-secrets/helmreleases/external-secrets'
  const ready = async () => (await world.api.get(release))?.['status']?.conditions?.find((each: { type: string }) => each.type === 'Ready')
  await expect.poll(ready, { timeout: 300_000, interval: 1_000 }).toMatchObject({ status: 'True' })
  const { code, text } = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--credentials', world.credentials, '--token', await world.token()],
    ...['--vault', world.vault.title, '--git', 'push', '--verify-item', `${world.item.title}/api-key`],
  )
  expect(text).toContain('came through')
  expect(text).toContain('external-secrets/secrets')
  expect(code).toBe(0)
  const path = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/external-secrets/kustomizations/secrets'
  const head = (await world.clone.git('rev-parse', 'HEAD')).trim()
  // Ready of the revision before is no success, and is not what it says.
  expect(text).toContain(`Flux has applied refs/heads/main@sha1:${head}`)
  expect((await world.api.get(path))?.['status'].lastAppliedRevision).toBe(`refs/heads/main@sha1:${head}`)
})

test('an OCIRepository is refused, because a push alone changes nothing there', async () => {
  transcript.note('The same cluster, read from an OCI artifact that a pipeline makes.')
  const metadata = { name: 'flux-system', namespace: 'flux-system' }
  const spec = { interval: '1h', url: 'oci://registry.example.com/home/cluster', ref: { tag: 'latest' } }
  await world.api.apply({ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'OCIRepository', metadata, spec })
  const path = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/external-secrets/kustomizations/secrets'
  await world.api.merge(path, { spec: { sourceRef: { kind: 'OCIRepository' } } })
  const { code, text } = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--credentials', world.credentials, '--token', await world.token()],
    ...['--vault', 'another', '--git', 'push', '--replace'],
  )
  expect(text).toContain('from the OCIRepository flux-system/flux-system')
  expect(text).toContain('eso-bootstrap init --offline')
  expect(code).toBe(3)
})

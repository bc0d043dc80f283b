import { afterEach, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { ready, reconcile } from '../bootstrap.ts'

let sandbox: Sandbox
afterEach(() => sandbox.close())

const folder = 'clusters/sandbox'

async function start(files: Record<string, string>) {
  sandbox = await startSandbox({ files, env: process.env })
}

interface Wanted {
  name?: string
  path?: string
  more?: string
}

const flux = ({ name = 'apps', path = 'apps', more = '' }: Wanted = {}) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 10m
  path: ./${path}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
${more}`

const configMap = (name: string, data = 'a: b', metadata = '') => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: default
${metadata}data:
  ${data}
`

const state = (name = 'apps') => ready(sandbox, kinds.kustomization, name, 'flux-system')
const found = (name: string) => sandbox.api.store.get(kinds.configMap, 'default', name)
const head = async () => (await sandbox.clone.git('rev-parse', 'HEAD')).trim()

test('applies what the commit holds, with its labels and its inventory, and prunes what is gone', async () => {
  await start({ [`${folder}/apps.yaml`]: flux(), 'apps/one.yaml': configMap('one'), 'apps/two.yaml': configMap('two') })
  expect(state()).toBe(`True ReconciliationSucceeded: Applied revision: main@sha1:${await head()}`)
  expect(found('one')?.metadata.labels).toEqual({
    'kustomize.toolkit.fluxcd.io/name': 'apps',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  })
  expect(found('one')?.metadata.managedFields?.map((each) => [each.manager, each.operation])).toEqual([['kustomize-controller', 'Apply']])
  const { inventory } = sandbox.api.store.get(kinds.kustomization, 'flux-system', 'apps')?.['status'] ?? {}
  expect(inventory.entries).toEqual([
    { id: 'default_one__ConfigMap', v: 'v1' },
    { id: 'default_two__ConfigMap', v: 'v1' },
  ])
  await sandbox.clone.git('rm', '--quiet', 'apps/two.yaml')
  await sandbox.clone.commit({}, 'Remove two')
  await reconcile(sandbox)
  expect(found('one')).toBeDefined()
  expect(found('two')).toBeUndefined()
})

test('prune: disabled on the live object keeps it, and foreign fields stay', async () => {
  await start({ [`${folder}/apps.yaml`]: flux(), 'apps/one.yaml': configMap('one'), 'apps/two.yaml': configMap('two') })
  const two = found('two')
  if (!two) throw new Error('it was not applied')
  two.metadata.annotations = { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }
  sandbox.api.store.put({ ...two, data: { ...two['data'], mine: 'x' } }, 'eso-bootstrap')
  await sandbox.clone.commit({ 'apps/one.yaml': configMap('one', 'a: c') }, 'Change one')
  await reconcile(sandbox)
  expect(found('one')?.['data']).toEqual({ a: 'c' })
  expect(found('two')?.['data']).toEqual({ a: 'b', mine: 'x' })
  await sandbox.clone.git('rm', '--quiet', 'apps/two.yaml')
  await sandbox.clone.commit({}, 'Remove two')
  await reconcile(sandbox)
  expect(found('two')).toBeDefined()
})

test('what kubectl wrote goes with the next apply, what another manager wrote stays', async () => {
  await start({ [`${folder}/apps.yaml`]: flux(), 'apps/one.yaml': configMap('one') })
  const mark = (manager: string, annotations: Record<string, string>) => {
    const live = found('one')
    if (live)
      sandbox.api.store.put(
        { ...live, metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, ...annotations } } },
        manager,
      )
  }
  mark('kubectl-annotate', { 'by-kubectl': 'x' })
  mark('eso-bootstrap', { 'by-us': 'x' })
  await sandbox.clone.commit({ 'apps/one.yaml': configMap('one', 'a: c') }, 'Change one')
  await reconcile(sandbox)
  expect(found('one')?.metadata.annotations).toEqual({ 'by-us': 'x' })
  expect(found('one')?.metadata.managedFields?.map((each) => each.manager)).toEqual(['kustomize-controller', 'eso-bootstrap'])
})

test('one object without its CRD, and nothing of the stage is applied', async () => {
  const store = 'apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata:\n  name: onepassword\nspec: {}\n'
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: early\n'
  await start({ [`${folder}/apps.yaml`]: flux(), 'apps/one.yaml': configMap('one'), 'apps/store.yaml': store, 'apps/ns.yaml': namespace })
  const text = 'ClusterSecretStore/onepassword dry-run failed: no matches for kind "ClusterSecretStore" in version "external-secrets.io/v1"'
  expect(state()).toBe(`False ReconciliationFailed: ${text}`)
  expect(found('one')).toBeUndefined()
  // Namespaces are an earlier stage.
  expect(sandbox.api.store.get(kinds.namespace, undefined, 'early')).toBeDefined()
  const object = sandbox.api.store.get(kinds.kustomization, 'flux-system', 'apps')
  expect(object?.['status'].lastAppliedRevision).toBeUndefined()
  expect(object?.['status'].lastAttemptedRevision).toBe(`main@sha1:${await head()}`)
  expect(object?.['status'].conditions).toContainEqual(expect.objectContaining({ type: 'Reconciling', reason: 'ProgressingWithRetry' }))
})

test.each([
  [
    'a namespace that isn’t there',
    { 'apps/one.yaml': configMap('one').replace('default', 'nowhere') },
    'ReconciliationFailed: ConfigMap/nowhere/one not found: namespaces "nowhere" not found',
  ],
  [
    'a path that isn’t there',
    { 'other/one.yaml': configMap('one') },
    /ArtifactFailed: kustomization path not found: stat .*apps: no such file or directory/,
  ],
  ['a build that fails', { 'apps/kustomization.yaml': 'resources: [gone.yaml]\n' }, /BuildFailed: .*gone.yaml/],
  [
    'a variable without a value',
    {
      'apps/one.yaml': configMap('one', 'a: $' + '{X}'),
      [`${folder}/apps.yaml`]: flux({ more: '  postBuild:\n    substitute:\n      Y: z\n' }),
    },
    /BuildFailed: .*variable not set \(strict mode\)/,
  ],
])('%s', async (_, files, message) => {
  await start({ [`${folder}/apps.yaml`]: flux(), ...files })
  expect(state()).toMatch(typeof message === 'string' ? `False ${message}` : message)
})

test('substitutes variables', async () => {
  const more = '  postBuild:\n    substitute:\n      X: found\n'
  await start({ [`${folder}/apps.yaml`]: flux({ more }), 'apps/one.yaml': configMap('one', 'a: $' + '{X}-$' + '{Y:=else}') })
  expect(found('one')?.['data']).toEqual({ a: 'found-else' })
})

test('waits for what it depends on, and for the same revision of it', async () => {
  const base = flux({ name: 'base', path: 'base' })
  const apps = flux({ more: '  dependsOn:\n    - name: base\n' })
  const broken = configMap('b').replace('default', 'nowhere')
  await start({ [`${folder}/a.yaml`]: apps, [`${folder}/b.yaml`]: base, 'apps/one.yaml': configMap('one'), 'base/b.yaml': broken })
  expect(state()).toBe("False DependencyNotReady: dependency 'flux-system/base' is not ready")
  expect(found('one')).toBeUndefined()
  await sandbox.clone.commit({ 'base/b.yaml': configMap('b') }, 'Mend the base')
  await reconcile(sandbox)
  expect(state()).toBe(`True ReconciliationSucceeded: Applied revision: main@sha1:${await head()}`)
})

test('waits for health, up to its timeout', async () => {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: web
          envFrom:
            - secretRef: {name: web}
`
  await start({ [`${folder}/apps.yaml`]: flux({ more: '  wait: true\n  timeout: 200ms\n' }), 'apps/web.yaml': deployment })
  expect(state()).toBe(
    "False HealthCheckFailed: health check failed after 0.2s: timeout waiting for: [Deployment/default/web status: 'InProgress']",
  )
  sandbox.api.store.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web', namespace: 'default' }, data: {} }, 'a-person')
  await reconcile(sandbox)
  await sandbox.clone.commit({ 'apps/one.yaml': configMap('one') }, 'Once more')
  await reconcile(sandbox)
  expect(state()).toMatch(/^True/)
})

test('suspended, it does nothing, and says nothing', async () => {
  await start({ [`${folder}/apps.yaml`]: flux({ more: '  suspend: true\n' }), 'apps/one.yaml': configMap('one') })
  expect(state()).toBe('no condition')
  expect(found('one')).toBeUndefined()
})

test('taken out of the cluster, it takes along what it applied', async () => {
  await start({ [`${folder}/apps.yaml`]: flux(), 'apps/one.yaml': configMap('one') })
  await sandbox.clone.git('rm', '--quiet', `${folder}/apps.yaml`)
  await sandbox.clone.commit({}, 'Remove the apps')
  await reconcile(sandbox)
  expect(sandbox.api.store.get(kinds.kustomization, 'flux-system', 'apps')).toBeUndefined()
  expect(found('one')).toBeUndefined()
})

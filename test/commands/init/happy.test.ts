import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { clusterFolder } from '../../../src/sandbox/sandbox.ts'
import { ready, secretValue } from '../../sandbox/bootstrap.ts'
import { seedTree } from '../../sandbox/tree.ts'
import { appValue, openStage, type Stage, said } from './stage.ts'
import { kustomizationFile, seed, storesFile, templates } from './trees.ts'

let stage: Stage
afterEach(() => stage?.close())

const credentialsIn = () => secretValue(stage.sandbox, 'onepassword-connect-secret', '1password-credentials.json') ?? ''
const decoded = (text: string) => Buffer.from(text, 'base64').toString()

async function theSecretsAreRight(): Promise<void> {
  const [credentials, token] = await Promise.all(
    [stage.sandbox.credentialsPath, stage.sandbox.tokenPath].map((path) => readFile(path, 'utf8')),
  )
  expect(decoded(credentialsIn())).toBe(credentials)
  expect(secretValue(stage.sandbox, 'onepassword-connect-token', 'token')).toBe(token)
}

/** What the last commit on the remote's main did, without git's own heads of the files. */
async function lastDiff(): Promise<string> {
  const diff = await stage.remote('diff', '--unified=0', 'main~1', 'main')
  return diff.replace(/^(diff|index|---|@@).*\n/gm, '')
}

async function syncs(): Promise<void> {
  expect(await appValue(stage)).toBe(stage.sandbox.item.value)
}

async function againChangesNothing(): Promise<void> {
  const before = await stage.remote('rev-parse', 'main')
  stage.writes()
  const again = await stage.init()
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('✔ Nothing to change') })
  const requests = stage.requests()
  expect(requests.length).toBeGreaterThan(10)
  expect(requests.filter(({ verb, method }) => method !== 'GET' || !['get', 'list', 'watch'].includes(verb))).toEqual([])
  expect(await stage.remote('rev-parse', 'main')).toBe(before)
  expect(await stage.git('rev-parse', 'HEAD')).toBe(before)
}

describe('the seed’s own repository', () => {
  test('one command, and an application’s value arrives; the second finds nothing to do', async () => {
    stage = await openStage({ files: await seed() })
    await stage.git('config', 'user.name', 'Ada')
    const ended = await stage.init()
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Configured, not verified.') })
    await theSecretsAreRight()

    expect(await lastDiff()).toBe(`+++ b/${kustomizationFile}
-  # - onepassword-connect
-  # - secretstores
+  - onepassword-connect
+  - secretstores
+++ b/${storesFile}
-        homelab: 1 # Replace '1' with your actual vault ID
+        catalyst-eso: 1 # Replace '1' with your actual vault ID
-        homelab: 1 # Replace '1' with your actual vault ID
+        catalyst-eso: 1 # Replace '1' with your actual vault ID
`)
    expect(await stage.remote('log', '--format=%an', '--max-count=1', 'main')).toBe('Ada\n')
    expect(await stage.git('status', '--porcelain', '--branch')).toBe('## main...origin/main\n')
    expect(ready(stage.sandbox, kinds.clusterSecretStore, 'onepassword')).toBe('True Valid: store validated')
    expect(ready(stage.sandbox, kinds.secretStore, 'onepassword', 'external-secrets')).toBe('True Valid: store validated')
    await syncs()
    await againChangesNothing()
  })

  test('what is written carries its label, its field manager and the annotation against pruning', async () => {
    stage = await openStage()
    await stage.init()
    const { store } = stage.sandbox.api
    for (const name of ['onepassword-connect-secret', 'onepassword-connect-token']) {
      const secret = store.get(kinds.secret, 'external-secrets', name)
      expect(secret?.metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'eso-bootstrap' })
      expect(secret?.metadata.managedFields).toMatchObject([{ manager: 'eso-bootstrap', operation: 'Apply' }])
      expect(secret?.metadata.managedFields).toHaveLength(1)
    }
    const namespace = store.get(kinds.namespace, undefined, 'external-secrets')
    expect(namespace?.metadata.annotations).toEqual({ 'kustomize.toolkit.fluxcd.io/prune': 'disabled' })
    expect(namespace?.metadata.labels).toMatchObject({ name: 'external-secrets', 'managed-by': 'flux' })
    expect(namespace?.metadata.managedFields?.find(({ manager }) => manager === 'eso-bootstrap')).toMatchObject({
      operation: 'Apply',
      fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:kustomize.toolkit.fluxcd.io/prune': {} } } },
    })
    expect(store.all().filter(({ kind }) => kind === 'Lease')).toEqual([])
  })
})

test('a Connect that mounts its credentials gets the file’s own bytes', async () => {
  stage = await openStage({ files: seedTree({ mounted: true }) })
  expect(await stage.init()).toMatchObject({ code: 0 })
  expect(credentialsIn()).toBe(await readFile(stage.sandbox.credentialsPath, 'utf8'))
  await stage.sandbox.settled()
  expect(secretValue(stage.sandbox, 'example', 'api-key')).toBe(stage.sandbox.item.value)
  await againChangesNothing()
})

test('the templates’ repository', async () => {
  stage = await openStage({ files: await templates() })
  expect(await stage.init()).toMatchObject({ code: 0 })
  await theSecretsAreRight()
  const changed = (await stage.remote('diff', '--name-only', 'main~1', 'main')).trim().split('\n')
  expect(changed).toEqual([kustomizationFile, storesFile])
  await syncs()
  await againChangesNothing()
})

test('--scaffold in a repository that holds nothing but Flux, and a proof', async () => {
  stage = await openStage({ files: {} })
  const { title, field, value } = stage.sandbox.item
  const ended = await stage.init({ scaffold: true, 'verify-item': `${title}/${field}` })
  expect(said(ended)).toContain(`${title}/${field} came through ClusterSecretStore onepassword: ${Buffer.byteLength(value)} bytes`)
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('✔ Verified') })
  await theSecretsAreRight()

  const expected = Object.keys(await templates()).sort()
  const changed = (await stage.remote('diff', '--name-status', 'main~1', 'main')).trim().split('\n')
  expect(changed).toEqual([...expected.map((path) => `A\t${path}`)])
  const kustomization = await readFile(join(stage.sandbox.repository, kustomizationFile), 'utf8')
  expect(kustomization).toMatch(/^ *- onepassword-connect$/m)
  expect(kustomization).toMatch(/^ *- secretstores$/m)
  expect(await readFile(join(stage.sandbox.repository, storesFile), 'utf8')).toMatch(/^ *catalyst-eso: 1$/m)
  expect(await stage.git('status', '--porcelain')).toBe('')

  const left = stage.sandbox.api.store.all().filter(({ metadata: { name } }) => name.startsWith('eso-bootstrap'))
  expect(left).toEqual([])
  await againChangesNothing()
})

test('--scaffold enters the new file where the cluster’s folder lists its files', async () => {
  const listing = `${clusterFolder}/kustomization.yaml`
  const text = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - flux-system # first\n'
  stage = await openStage({ files: { [listing]: text } })
  expect(await stage.init({ scaffold: true })).toMatchObject({ code: 0 })
  expect(await stage.remote('show', `main:${listing}`)).toBe(`${text}  - external-secrets.yaml\n`)
  await againChangesNothing()
})

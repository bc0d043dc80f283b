import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { base } from './layouts.ts'
import { secretValue } from './secrets.ts'
import type { World } from './world.ts'

/** Takes the namespace's line out of git, and sees that Flux lets go of it and leaves it, and our Secrets, where they are. */
export async function expectToSurvivePruning({ api, clone }: World): Promise<void> {
  const list = `${base}/kustomization.yaml`
  const text = await readFile(`${clone.path}/${list}`, 'utf8')
  const commit = await clone.commit({ [list]: text.replace(/^ *- namespace.yaml\n/m, '') }, 'The namespace is not ours')
  const path = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/external-secrets'
  const now = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': commit } } }
  await api.merge('/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system', now)
  await expect
    .poll(async () => (await api.get(path))?.['status'].lastAppliedRevision, { timeout: 120_000, interval: 500 })
    .toBe(`main@sha1:${commit}`)
  const applied = (await api.get(path))?.['status'].inventory.entries.map(({ id }: { id: string }) => id)
  expect(applied).not.toContain('_external-secrets__Namespace')
  expect((await api.get('/api/v1/namespaces/external-secrets'))?.['status'].phase).toBe('Active')
  expect(await secretValue(api, 'external-secrets', 'onepassword-connect-token', 'token')).toBeDefined()
}

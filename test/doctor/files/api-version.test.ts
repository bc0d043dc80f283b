import { describe, expect, it } from 'vitest'
import { storeApiVersion } from '../../../src/doctor/files/api-version.ts'
import type { FilesWorld } from '../../../src/doctor/world.ts'
import { base, type Files, seed, storesFile, templates } from '../../commands/init/trees.ts'
import { enabledFiles, filesWorld, found } from '../worlds.ts'

const release = `${base}/operator/helmrelease.yaml`

/** The templates with stores of this version, and the operator at one. */
function at(api: string, operator: string, more = (text: string) => text): Promise<Files> {
  return enabledFiles((text, path) => {
    if (path === release) return more(text.replace(/^( +version: ).*$/m, `$1${operator}`))
    return path === storesFile ? text.replaceAll('external-secrets.io/v1\n', `external-secrets.io/${api}\n`) : text
  })
}

/** As a cluster that serves these versions. */
function serving(files: Files, served: (group: string, kind: string) => string[]): FilesWorld {
  const cluster = { served: async (group: string, kind: string) => served(group, kind) }
  return {
    ...filesWorld(files),
    live: { cluster, flux: async () => ({ installed: true, kustomizations: [], sources: [] }) } as unknown as NonNullable<
      FilesWorld['live']
    >,
  }
}

describe('by the version of the chart', () => {
  it.each([
    ['v1', '0.16.0'],
    ['v1beta1', '0.16.2'],
    ['v1', '2.9.x'],
    ['v1beta1', '0.11.x'],
    ['v1beta1', '^0.16.0'],
    ['v1beta1', '">=0.9.0"'],
    ['v1', '"*"'],
  ])('%s goes with %s', async (api, operator) => {
    expect(await storeApiVersion.look(filesWorld(await at(api, operator)))).toEqual([])
  })

  it('is true for the seed and the templates, set up or not', async () => {
    for (const files of [await seed(), await templates()]) expect(await storeApiVersion.look(filesWorld(files))).toEqual([])
  })

  it.each([
    ['v1beta1', '0.17.0', 'v1'],
    ['v1beta1', '2.9.x', 'v1'],
    ['v1', '0.15.1', 'v1beta1'],
    ['v1alpha1', '1.0.0', 'v1'],
  ])('%s does not go with %s, and is %s there', async (api, operator, right) => {
    const files = await at(api, operator)
    const [finding, ...more] = await storeApiVersion.look(filesWorld(files))
    expect(more).toEqual([])
    expect(finding).toEqual({
      about: storesFile,
      why: `2 manifests are written for external-secrets.io/${api}, which the operator of these files does not serve; it serves ${right}.`,
      fix: [`sed -i 's#external-secrets.io/${api}$#external-secrets.io/${right}#' ${storesFile}   (and commit it)`],
      at: { path: storesFile, line: 2 },
    })
  })

  it('believes the hatch that keeps v1beta1 served, and leaves a PushSecret alone', async () => {
    const hatch = (text: string) => text.replace('installCRDs: true', 'installCRDs: true\n    crds: { unsafeServeV1Beta1: true }')
    expect(await storeApiVersion.look(filesWorld(await at('v1beta1', '2.9.0', hatch)))).toEqual([])
    const push = await enabledFiles((text, path) =>
      path === storesFile ? `${text}---\napiVersion: external-secrets.io/v1alpha1\nkind: PushSecret\nmetadata: { name: back }\n` : text,
    )
    expect(await storeApiVersion.look(filesWorld(push))).toEqual([])
  })

  it('looks at the apps that Flux builds too, and names five of many', async () => {
    const ks =
      'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: apps, namespace: flux-system }\nspec: { path: ./apps }\n'
    const apps = Array.from({ length: 8 }, (_, nth) => [
      `apps/${nth}.yaml`,
      'apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret\nmetadata: { name: app }\n',
    ])
    const files = {
      ...(await at('v1', '2.9.x')),
      'clusters/sandbox/apps.yaml': ks,
      ...Object.fromEntries(apps),
      'elsewhere/unbuilt.yaml': apps[0]?.[1] ?? '',
    }
    const all = found(await storeApiVersion.look(filesWorld(files)))
    expect(all).toHaveLength(6)
    expect(all[0]).toContain('apps/0.yaml: The ExternalSecret app is written for external-secrets.io/v1beta1')
    expect(all[5]).toBe('3 more files: The same is true of them.')
  })
})

describe('by what the cluster serves', () => {
  it('goes before the version of the chart', async () => {
    const files = await at('v1beta1', '2.9.x')
    expect(await storeApiVersion.look(serving(files, (group) => (group === 'external-secrets.io' ? ['v1', 'v1beta1'] : [])))).toEqual([])
    expect(found(await storeApiVersion.look(serving(files, () => ['v1', 'v2'])))).toEqual([
      `${storesFile}: 2 manifests are written for external-secrets.io/v1beta1, which this cluster does not serve; it serves v1 and v2.`,
    ])
  })

  it('tells of the APIs of Flux as well', async () => {
    const old = await enabledFiles((text, path) =>
      path === release ? text.replace('helm.toolkit.fluxcd.io/v2', 'helm.toolkit.fluxcd.io/v2beta1') : text,
    )
    const served = (group: string) => (group.startsWith('helm.') ? ['v2'] : ['v1'])
    expect(found(await storeApiVersion.look(serving(old, served)))).toEqual([
      `${release}: The HelmRelease external-secrets is written for helm.toolkit.fluxcd.io/v2beta1, which this cluster does not serve; it serves v2.`,
    ])
  })
})

import { expect, it } from 'vitest'
import { isFinding } from '../../../src/doctor/check.ts'
import { operatorApart } from '../../../src/doctor/files/operator-apart.ts'
import type { FilesWorld } from '../../../src/doctor/world.ts'
import { appTree, base, catalyst, seed } from '../../manifests/layouts.ts'
import { enabledFiles, filesWorld } from '../worlds.ts'

const flux = 'clusters/home/infrastructure.yaml'
const look = async (files: Record<string, string>) => (await operatorApart.look(filesWorld(files))).filter(isFinding)

/** The seed with its stores enabled. */
function together(): Record<string, string> {
  const files = seed()
  return { ...files, [`${base}/kustomization.yaml`]: (files[`${base}/kustomization.yaml`] ?? '').replaceAll('# - ', '- ') }
}

it('is true for the templates, for two in order, for an app each, and as long as the stores wait', async () => {
  for (const files of [await enabledFiles(), catalyst(), appTree('  - ./onepassword/ks.yaml'), seed()])
    expect(await look(files)).toEqual([])
})

it('finds operator and stores in one; without a cluster nothing is offered, as Flux could prune the operator', async () => {
  const [finding, ...more] = await look(together())
  expect(more).toEqual([])
  expect(finding).toMatchObject({
    about: 'Kustomization flux-system/infrastructure',
    why: expect.stringContaining('On a new cluster Flux refuses all of it for ever'),
    at: { path: flux, line: 1 },
    fix: [
      'eso-bootstrap doctor --fix   (with the cluster: without --offline)',
      expect.stringContaining('prune: disabled'),
      expect.stringContaining('dependsOn'),
      'https://external-secrets.io/latest/examples/gitops-using-fluxcd/',
    ],
  })
  expect(finding?.severity).toBeUndefined()
  expect(finding?.repair).toBeUndefined()
})

it('offers to make two of it where nothing is pruned', async () => {
  const files = together()
  const [finding] = await look({ ...files, [flux]: (files[flux] ?? '').replace('prune: true', 'prune: false') })
  expect(finding?.fix[0]).toBe('eso-bootstrap doctor --fix')
  expect(finding?.repair).toMatchObject({ says: expect.stringContaining('infrastructure-operator'), needs: [] })
  expect(finding?.repair?.diff).toContain('+    - name: infrastructure-operator')
})

it('warns where the stores do not wait for the operator', async () => {
  const files = catalyst()
  const file = 'clusters/catalyst-cluster/external-secrets.yaml'
  const [finding, ...more] = await look({
    ...files,
    [file]: (files[file] ?? '').replace('  dependsOn: [{ name: external-secrets-operator }]\n', ''),
  })
  expect(more).toEqual([])
  expect(finding).toMatchObject({
    about: 'Kustomization flux-system/external-secrets',
    severity: 'warning',
    why: expect.stringContaining('It does not wait for external-secrets-operator'),
    at: { path: file, line: 12 },
  })
})

it('knows of one that no file declares what the cluster says, and leaves alone what reads another repository', async () => {
  const { [flux]: declared = '', ...files } = together()
  const other = declared.replace('path: ./infrastructure/base', 'path: ./').replaceAll('name: flux-system', 'name: podinfo')
  expect(await look({ ...files, [flux]: other })).toEqual([])
  const applied = {
    name: 'made-by-hand',
    namespace: 'flux-system',
    path: 'infrastructure/base',
    source: { name: 'flux-system' },
    prune: true,
    wait: false,
    dependsOn: [],
    healthChecks: [],
  }
  const live = { flux: async () => ({ installed: true, kustomizations: [applied], sources: [] }), cluster: { served: async () => ['v1'] } }
  const world = { ...filesWorld(files), live: live as unknown as NonNullable<FilesWorld['live']> }
  const [finding, ...more] = (await operatorApart.look(world)).filter(isFinding)
  expect(more).toEqual([])
  expect(finding).toMatchObject({
    about: 'Kustomization flux-system/made-by-hand',
    severity: 'warning',
    fix: [expect.stringContaining('prune: disabled'), expect.anything(), expect.anything()],
  })
  expect(finding?.repair).toBeUndefined()
})

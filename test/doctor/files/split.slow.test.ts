import { stripVTControlCharacters } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { isFinding } from '../../../src/doctor/check.ts'
import { operatorApart } from '../../../src/doctor/files/operator-apart.ts'
import { isReady } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { appValue, openStage, type Stage, said } from '../../commands/init/stage.ts'
import { start } from '../../commands/run.ts'
import { clusterWorld } from '../worlds.ts'

let stage: Stage
afterEach(() => stage.close())

async function look() {
  const world = await clusterWorld(stage)
  const findings = (await operatorApart.look(world)).filter(isFinding)
  return { findings, close: () => world.close() }
}

/** Lets it be mended, and publishes that; gives the finding. */
async function mend() {
  const { findings, close } = await look()
  const [finding, ...more] = findings
  expect(more).toEqual([])
  expect(await finding?.repair?.make(new AbortController().signal)).toContain('git commit')
  await close()
  await stage.git('add', '.')
  await stage.git('commit', '-qm', 'two Flux Kustomizations')
  await stage.git('push', '-q')
  return finding
}

const suspend = (suspended: boolean) => {
  const { store } = stage.sandbox.api
  const root = store.get(kinds.kustomization, 'flux-system', 'flux-system')
  if (root === undefined) throw new Error('there is no root')
  store.put({ ...root, spec: { ...root['spec'], suspend: suspended } }, 'flux')
}

/** Flux looks for a new commit now. */
async function fetch() {
  const { store } = stage.sandbox.api
  const [source] = store.list(kinds.gitRepository)
  if (source === undefined) throw new Error('there is no source')
  const annotations = { ...source.metadata.annotations, 'reconcile.fluxcd.io/requestedAt': `${Date.now()}` }
  store.put({ ...source, metadata: { ...source.metadata, annotations } }, 'flux')
  await stage.sandbox.settled()
}

test('a cluster that was dead-locked comes up, and a value arrives', async () => {
  stage = await openStage({ scenario: 'dead-lock' })
  expect(stage.sandbox.api.store.list(kinds.helmRelease)).toEqual([])
  const finding = await mend()
  expect(finding).toMatchObject({
    about: 'Kustomization flux-system/external-secrets',
    fix: ['eso-bootstrap doctor --fix', expect.anything(), expect.anything()],
  })
  expect(finding?.severity).toBeUndefined()
  const { findings, close } = await look()
  expect(findings).toEqual([])
  await close()
  await fetch()
  expect(stage.sandbox.api.store.list(kinds.helmRelease).map(isReady)).toEqual([true])
  const ended = await stage.init()
  expect(ended.code, said(ended)).toBe(0)
  expect(await appValue(stage)).toBe(stage.sandbox.item.value)
})

test('on a cluster that runs nothing is pruned, not even where Flux builds the old one before it knows of the new', async () => {
  stage = await openStage()
  expect((await stage.init()).code).toBe(0)
  const { store } = stage.sandbox.api
  const uids = () =>
    [kinds.namespace, kinds.helmRelease, kinds.helmRepository, kinds.clusterSecretStore].flatMap((kind) =>
      store.list(kind).map(({ metadata }) => metadata.uid),
    )
  const before = uids()
  suspend(true)
  const finding = await mend()
  expect(finding?.severity).toBe('warning')
  await fetch()
  expect(store.list(kinds.kustomization).map(({ metadata }) => metadata.name)).not.toContain('external-secrets-operator')
  expect(uids()).toEqual(before)
  suspend(false)
  await fetch()
  expect(uids()).toEqual(before)
  const inventories = store
    .list(kinds.kustomization)
    .map(({ metadata, ...each }) => [metadata.name, each['status']?.inventory?.entries.length])
  expect(Object.fromEntries(inventories)).toMatchObject({ 'external-secrets-operator': 3 })
  expect(await appValue(stage)).toBe(stage.sandbox.item.value)
  const { findings, close } = await look()
  expect(findings).toEqual([])
  await close()
})

test('doctor --fix shows the difference, writes it, and finds it mended', async () => {
  stage = await openStage({ scenario: 'dead-lock' })
  const { sandbox, env } = stage
  const begun = start(['doctor', '--fix', '--yes'], { cwd: sandbox.repository, home: sandbox.folder, env })
  const { stdout, stderr } = await begun.ended
  // Long lines are wrapped on the screen.
  const shown = (text: string) => text.replace(/\s+/g, ' ')
  const text = shown(stripVTControlCharacters(stderr + stdout))
  const changed = await stage.git('diff', '-U3')
  for (const line of changed.split('\n').filter((each) => /^[-+][^-+]/.test(each))) expect(text).toContain(shown(line))
  expect((await stage.git('status', '--porcelain')).split('\n').filter(Boolean)).toHaveLength(3)
  expect(text).toContain('git commit && git push')
  const { findings, close } = await look()
  expect(findings).toEqual([])
  await close()
})

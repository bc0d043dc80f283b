import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import { esoCrds } from '../../src/sandbox/external-secrets/crds.ts'
import { kinds } from '../../src/sandbox/kinds.ts'
import { thisProcess } from '../../src/steps/holder.ts'
import { isLeftBehind, isThrowAway, leftBehind, withThrowAway } from '../../src/steps/throw-away.ts'
import { type Sandbox, startSandbox } from '../kubernetes/sandbox.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
  for (const crd of esoCrds(2, 6, {})) sandbox.server.store.put(crd, 'test')
})
afterEach(() => sandbox.close())

const wanted = { namespace: 'default', store: { kind: 'ClusterSecretStore', name: 'onepassword' }, item: 'my-app', field: 'password' }
const minute = 60_000
const there = () => sandbox.server.store.list(kinds.externalSecret)

function heldBy(holder: string | undefined, from = Date.now()): KubernetesObject {
  const until = new Date(from + minute).toISOString()
  const annotations = holder === undefined ? {} : { 'eso-bootstrap/in-use-until': `${until} ${holder}` }
  const metadata = { name: 'proof', namespace: 'default', labels: { 'eso-bootstrap/proof': 'true' }, annotations }
  return { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata }
}

/** Like ours, with the number of a process that has ended. */
function ended(): string {
  const { pid } = spawnSync('true')
  return thisProcess().replace(/\d+$/, `${pid}`)
}

test('one is nobody’s to take away while it is used, and gone afterwards', async () => {
  const seen = await withThrowAway(sandbox.cluster, wanted, { lasts: minute }, async ({ object }) => {
    expect(there().map(({ metadata }) => metadata.name)).toEqual([object.metadata.name])
    expect(await leftBehind(sandbox.cluster)).toEqual([])
    return object
  })
  expect(isThrowAway(seen)).toBe(true)
  expect(seen['spec'].target).toMatchObject({ name: seen.metadata.name, creationPolicy: 'Owner', deletionPolicy: 'Delete' })
  expect(there()).toEqual([])
})

test('one is gone after a mistake, too', async () => {
  const mistake = new Error('a mistake')
  const work = withThrowAway(sandbox.cluster, wanted, { lasts: minute }, () => Promise.reject(mistake))
  await expect(work).rejects.toBe(mistake)
  expect(there()).toEqual([])
})

test('one is found that nobody holds, in one namespace or in all', async () => {
  sandbox.server.store.put(heldBy(undefined), 'a-killed-run')
  const names = async (namespace?: string) => (await leftBehind(sandbox.cluster, namespace)).map(({ metadata }) => metadata.name)
  expect([await names(), await names('default'), await names('elsewhere')]).toEqual([['proof'], ['proof'], []])
})

test.each([
  ['holds it on this machine', () => heldBy(thisProcess()), false],
  ['holds it elsewhere', () => heldBy('elsewhere/1'), false],
  ['has ended on this machine', () => heldBy(ended()), true],
  ['of the same number has ended, elsewhere', () => heldBy(`elsewhere/${spawnSync('true').pid}`), false],
  ['holds it after its time', () => heldBy(thisProcess(), Date.now() - 2 * minute), true],
  [
    'says so without a time',
    () => ({ ...heldBy(undefined), metadata: { ...heldBy(undefined).metadata, annotations: { 'eso-bootstrap/in-use-until': 'soon' } } }),
    true,
  ],
])('whether it was left behind by a run that %s', (_, object, left) => {
  expect(isLeftBehind(object())).toBe(left)
})

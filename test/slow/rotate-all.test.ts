import { afterAll, beforeAll, expect, test } from 'vitest'
import { isReady } from '../../src/kubernetes/object.ts'
import { addItem } from '../../src/sandbox/connect/account.ts'
import { reportIn, statesIn } from '../commands/rotate/schema.ts'
import { openRotation, type Rotation } from '../commands/rotate/stage.ts'

let rotation: Rotation
beforeAll(async () => {
  rotation = await openRotation()
})
afterAll(() => rotation?.close())

const rotateAll = async () =>
  reportIn(await rotation.rotate({ token: (await rotation.newToken()).path, all: true, output: 'json', timeout: '20s' }))
const reading = (key: string) => ({ data: [{ secretKey: 'value', remoteRef: { key, property: 'value' } }] })

test('--all: what had failed before fails nothing, and is named', async () => {
  rotation.putExternalSecret('broken', reading('there is no such item'))
  await rotation.sandbox.settled()
  const report = await rotateAll()
  expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
  const step = report.clusters[0]?.steps.find(({ id }) => id === 'every-sync')
  expect(step).toMatchObject({ state: 'made', says: '1 ExternalSecret has synchronised with the new token' })
  expect(step?.notes).toEqual(['1 failed before and still does: default/broken'])
})

test('--all: one that was Ready and is no longer: the old token is back', async () => {
  const [vault = expect.fail()] = rotation.sandbox.account.vaults
  const item = { title: 'twice', fields: [['value', 'x']] } as const
  addItem(vault, item)
  rotation.putExternalSecret('twice', reading('twice'))
  await rotation.sandbox.settled()
  const before = rotation.held()
  addItem(vault, item)
  const report = await rotateAll()
  expect(report).toMatchObject({ verdict: 'failed', exitCode: 3, replaced: [], clusters: [{ verdict: 'restored' }] })
  expect(statesIn(report)).toMatchObject({ token: 'undone', synced: 'made', 'every-sync': 'failed', settled: 'not-reached' })
  expect(report.clusters[0]?.errors).toMatchObject([
    { id: 'sync-failed', what: 'An ExternalSecret that was Ready was not synchronised: default/twice.' },
  ])
  expect(rotation.held()).toBe(before)
  await rotation.sandbox.settled()
  expect(isReady(rotation.externalSecret('my-app'))).toBe(true)
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFinding } from '../../../src/doctor/check.ts'
import { checks } from '../../../src/doctor/checks.ts'
import type { FilesWorld } from '../../../src/doctor/world.ts'
import { Failure } from '../../../src/failure.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { openStage, type Stage, said } from '../../commands/init/stage.ts'
import { type Healthy, openHealthy } from '../../commands/status/stage.ts'
import { clusterWorld } from '../worlds.ts'
import { fileChecks } from './checks.ts'

/** By check, what it found; only of those that are not simply true. */
async function untrue(world: FilesWorld) {
  const all = await Promise.all(
    fileChecks.map(async (check) => {
      const found = await check.look(world).catch((error: unknown) => (error instanceof Failure ? error.id : Promise.reject(error)))
      return [check.id, found] as const
    }),
  )
  return Object.fromEntries(all.filter(([, found]) => found.length > 0))
}

describe('where nothing is wrong', () => {
  let stage: Healthy
  beforeAll(async () => {
    stage = await openHealthy()
  })
  afterAll(() => stage?.close())

  test('nothing is found and all is seen, with the cluster and without; nothing is written', async () => {
    stage.writes()
    const { close, live, ...world } = await clusterWorld(stage)
    expect(await untrue({ ...world, live })).toEqual({})
    expect(await untrue(world)).toEqual({})
    await close()
    expect(stage.writes()).toEqual([])
    expect((await stage.git('status', '--porcelain')).trim()).toBe('')
  })

  test('nothing is found by somebody who may look at nothing', async () => {
    const { close, ...world } = await clusterWorld(stage, await stage.user('nobody', []))
    const found = await untrue(world)
    await close()
    expect(
      Object.values(found)
        .flat()
        .filter((each) => typeof each !== 'string' && isFinding(each)),
    ).toEqual([])
  })
})

describe('the seed, once it is set up', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
    const ended = await stage.init()
    expect(ended.code, said(ended)).toBe(0)
  })
  afterAll(() => stage?.close())

  test('would dead-lock if it were rebuilt, and has no other fault', async () => {
    const { close, ...world } = await clusterWorld(stage)
    const found = await untrue(world)
    await close()
    expect(found).toEqual({ 'operator-apart': [expect.objectContaining({ severity: 'warning', repair: expect.anything() })] })
  })

  test('what is wrong in the cluster only is found there, with no line to point at', async () => {
    const { store } = stage.sandbox.api
    const [good] = store.list(kinds.clusterSecretStore)
    if (good === undefined) throw new Error('there is no store')
    const onepassword = { ...good['spec'].provider.onepassword, connectHost: 'http://connect.elsewhere.svc:8081', vaults: { other: 1 } }
    const { apiVersion, kind } = good
    store.put({ apiVersion, kind, metadata: { name: 'by-hand' }, spec: { provider: { onepassword } } }, 'a-person')
    const data = [{ secretKey: 'value', remoteRef: { key: 'abcdefghijklmnopqrstuvwx23' } }]
    const spec = { secretStoreRef: { kind, name: 'by-hand' }, target: { name: 'by-id' }, data }
    store.put({ apiVersion, kind: 'ExternalSecret', metadata: { name: 'by-id', namespace: 'default' }, spec }, 'a-person')
    await stage.sandbox.settled()
    const { close, ...world } = await clusterWorld(stage)
    const found = await untrue(world)
    await close()
    expect(found).toMatchObject({
      'connect-host': [{ about: 'ClusterSecretStore by-hand', why: expect.stringContaining('the port of connect-sync') }],
      'item-id-supported': [{ about: 'ExternalSecret default/by-id', why: expect.stringContaining('abcdefghijklmnopqrstuvwx23') }],
      'store-race': [{ about: expect.stringContaining('ClusterSecretStore by-hand') }],
      'operator-apart': [{}],
    })
    expect(Object.keys(found)).toHaveLength(4)
    expect(found['connect-host']?.[0]).not.toHaveProperty('at')
  })
})

test('each has sources, and needs only what comes before', () => {
  const order = checks.map(({ id }) => id)
  for (const { id, needs, page } of fileChecks) {
    expect(needs.filter((each) => order.includes(each) && order.includes(id) && order.indexOf(each) > order.indexOf(id))).toEqual([])
    expect(page.sources.length).toBeGreaterThan(0)
    expect(page.sources.every((each) => URL.canParse(each))).toBe(true)
  }
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { isFinding } from '../../../src/doctor/check.ts'
import { checks } from '../../../src/doctor/checks.ts'
import { Failure } from '../../../src/failure.ts'
import { type Healthy, openHealthy } from '../../commands/status/stage.ts'
import { clusterWorld } from '../worlds.ts'
import { clusterChecks } from './checks.ts'

let stage: Healthy
beforeAll(async () => {
  stage = await openHealthy()
})
afterAll(() => stage?.close())

test('nothing is found, and all is seen, where nothing is wrong; and nothing is written', async () => {
  stage.writes()
  const { close, ...world } = await clusterWorld(stage)
  const all = await Promise.all(clusterChecks.map(async (check) => [check.id, await check.look(world)]))
  await close()
  expect(all.filter(([, found]) => found?.length !== 0)).toEqual([])
  expect(stage.writes()).toEqual([])
})

test('nothing is found by somebody who may look at nothing, and nothing is said to be true but that the API server answers', async () => {
  const { close, ...world } = await clusterWorld(stage, await stage.user('nobody', []))
  const looked = await Promise.all(
    clusterChecks.map(async (check) => {
      const all = await check.look(world).catch((error: unknown) => (error instanceof Failure ? error.id : Promise.reject(error)))
      return [check.id, typeof all === 'string' ? all : all.some(isFinding) ? 'found' : all.length > 0 ? 'not seen' : 'true']
    }),
  )
  await close()
  expect(looked.filter(([, is]) => is === 'true' || is === 'found')).toEqual([
    ['api-server', 'true'],
    ['crds-served', 'true'],
  ])
  expect(new Set(looked.map(([, is]) => is))).toEqual(new Set(['true', 'forbidden', 'not seen']))
})

test('each has sources, and needs only what comes before', () => {
  expect(clusterChecks).toHaveLength(16)
  const order = checks.map(({ id }) => id)
  for (const { id, needs, page } of clusterChecks) {
    expect(needs.filter((each) => order.includes(each) && order.indexOf(each) > order.indexOf(id))).toEqual([])
    expect(page.sources.every((each) => URL.canParse(each))).toBe(true)
    expect(page.sources.length).toBeGreaterThan(0)
  }
})

import { expect, onTestFinished, test } from 'vitest'
import { openStage } from '../../commands/init/stage.ts'
import { clusterWorld } from '../worlds.ts'
import { clusterChecks } from './checks.ts'

test('nothing is found on the seed repository when init has set it up', async () => {
  const stage = await openStage()
  onTestFinished(() => stage.close())
  expect(await stage.init()).toMatchObject({ code: 0 })
  const { close, ...world } = await clusterWorld(stage)
  onTestFinished(() => close())
  const all = await Promise.all(clusterChecks.map(async (check) => [check.id, await check.look(world)]))
  expect(all.filter(([, found]) => found?.length !== 0)).toEqual([])
})

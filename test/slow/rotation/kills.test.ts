import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Call, titleOf } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { untilItComes } from '../../commands/rotate/mishaps.ts'
import { idsIn, reportIn } from '../../commands/rotate/schema.ts'
import { idOf } from '../../commands/rotate/stage.ts'
import { expectNothingLeft, expectWorking } from '../../commands/rotate/truth.ts'
import { killedAt } from './killed.ts'

const ground = await openGround()
afterAll(() => ground.close())
const calls = await ground.record()
const named = calls.map((call) => [titleOf(call), call] as const)
const found = 'An earlier run wrote this token and was ended before it had proven it.'

/** Kills a rotation, and gives what has been left: the old token or the new one, whole, and everything works with it. */
async function leftBy(call: Call, moment: 'before' | 'after') {
  const old = await untilItComes(call, async () => {
    const old = await ground.anew()
    return (await killedAt(ground, call, moment)) && old
  })
  const now = { value: ground.held() ?? '', id: idOf(ground.held() ?? '') }
  expect([old.id, ground.made()[0]]).toContain(now.id)
  expect(ground.instants.broken()).toEqual([])
  await expectWorking(ground)
  const isMarked = ground.isMarked()
  ground.expire()
  return { old, now, isNew: now.id !== old.id, isMarked }
}

describe('before it is done, and then run again', () => {
  test.each(named)('%s', async (_, call) => {
    const { old, now, isNew, isMarked } = await leftBy(call, 'before')
    expect(isMarked ? isNew : true).toBe(true)
    const path = join(ground.sandbox.folder, 'again')
    await writeFile(path, now.value, { mode: 0o600 })
    const ended = await ground.whole(isNew ? { mint: undefined, token: path } : {}).ended
    const report = reportIn(ended)
    if (isNew && !isMarked) {
      // It had been proven: nothing is left to do.
      expect(idsIn(report)).toEqual(['token-same'])
      expect(ground.held()).toBe(now.value)
      await expectWorking(ground)
    } else {
      expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0, replaced: [{ id: old.id, deleted: true }] })
      expect(idOf(ground.held() ?? '')).toBe(isNew ? now.id : ground.made().at(-1))
      expect(ended.stdout.includes(found)).toBe(isNew)
      await expectWorking(ground)
      expectNothingLeft(ground)
    }
  })
})

describe('after it is done, and then another rotation', () => {
  test.each(named)('%s', async (_, call) => {
    const { old, now, isNew, isMarked } = await leftBy(call, 'after')
    const ended = await ground.whole().ended
    const report = reportIn(ended)
    expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
    expect(report.replaced).toMatchObject((isMarked ? [old, now] : [now]).map(({ id }) => ({ id, deleted: true })))
    expect(idOf(ground.held() ?? '')).toBe(ground.made().at(-1))
    expect(ended.stdout.includes(found)).toBe(isMarked)
    expect(isMarked ? isNew : true).toBe(true)
    await expectWorking(ground)
    expectNothingLeft(ground)
  })
})

test('there is a point for each call', () => {
  process.stdout.write(`${named.length} calls of a rotation, and as many points before and after which it was killed\n`)
  expect(named).toHaveLength(calls.length)
  expect(new Set(named.map(([title]) => title)).size).toBe(calls.length)
})

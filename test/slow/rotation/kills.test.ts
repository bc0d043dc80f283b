import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Call } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { untilItComes } from '../../commands/rotate/mishaps.ts'
import { idsIn, reportIn } from '../../commands/rotate/schema.ts'
import { idOf } from '../../commands/rotate/stage.ts'
import { expectNothingLeft, expectWorking } from '../../commands/rotate/truth.ts'
import { killedAt } from './killed.ts'
import { points } from './points.ts'

const ground = await openGround()
afterAll(() => ground.close())
const calls = await ground.record()
const { each, count } = points()
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

each('killed before it is done, and then run again', calls, async (call) => {
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

each('killed after it is done, and then another rotation', calls, async (call) => {
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

test('for a minute the next run finds it at work, and touches nothing', async () => {
  await ground.anew()
  const write = calls.find(({ name }) => name.startsWith('patch ') && name.endsWith('/onepassword-connect-token'))
  expect(await killedAt(ground, write as Call, 'after')).toBe(true)
  const held = ground.held()
  ground.writes()
  const report = reportIn(await ground.whole().ended)
  expect(report).toMatchObject({ exitCode: 6, clusters: [{ verdict: 'blocked' }] })
  expect(idsIn(report)).toEqual(['busy'])
  expect(ground.writes()).toEqual([])
  expect(ground.held()).toBe(held)
  ground.expire()
  expect(reportIn(await ground.whole().ended)).toMatchObject({ verdict: 'rotated', exitCode: 0 })
})

count({ calls, says: 'calls of a rotation' })

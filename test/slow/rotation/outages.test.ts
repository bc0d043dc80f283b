import { afterAll, expect, test } from 'vitest'
import { type Call, titleOf } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { fallsOver, untilItComes } from '../../commands/rotate/mishaps.ts'
import { reportIn } from '../../commands/rotate/schema.ts'
import { expectNothingLeft, expectTrueReport, expectWorking } from '../../commands/rotate/truth.ts'

const found = 'An earlier run wrote this token and was ended before it had proven it.'
const ground = await openGround()
afterAll(() => ground.close())
const all = (await ground.record()).filter(({ of }) => of === 'api')
// Between two writes it is all the same when it falls over: at each of them, and at what comes next.
const calls = all.filter((call, at) => call.writes || all[at - 1]?.writes)

test('the new token has just been written: whether it was is not known', async () => {
  const old = await ground.anew()
  const token = await ground.newToken()
  const write = all.find(({ name }) => name.startsWith('patch ') && name.endsWith('/onepassword-connect-token'))
  const stop = fallsOver(ground, write as Call, true)
  const ended = await ground.whole({ mint: undefined, token: token.path }).ended
  expect(stop()).toBe(true)
  expect(ground.held()).toBe(token.value)
  expectTrueReport(ground, old, ended)
  expect(reportIn(ended)).toMatchObject({ exitCode: 5, clusters: [{ verdict: 'failed', errors: [{ id: 'outcome-unknown' }] }] })
  ground.expire()
  const next = await ground.whole({ mint: undefined, token: token.path }).ended
  expect(reportIn(next)).toMatchObject({ verdict: 'rotated', exitCode: 0, replaced: [{ id: old.id, deleted: true }] })
  expect(next.stdout).toContain(found)
  expect(ground.instants.broken()).toEqual([])
})

test.each(calls.map((call) => [titleOf(call), call] as const))('%s', async (_, call) => {
  const { old, ended } = await untilItComes(call, async () => {
    const old = await ground.anew()
    const stop = fallsOver(ground, call)
    const ended = await ground.whole({ timeout: '1s' }).ended
    return stop() && { old, ended }
  })
  expectTrueReport(ground, old, ended)
  await expectWorking(ground)

  // What it may have left is for the next one, as soon as its lock has expired.
  const isMarked = ground.isMarked()
  ground.expire()
  const next = reportIn(await ground.whole().ended)
  expect(next).toMatchObject({ verdict: 'rotated', exitCode: 0 })
  const said = JSON.stringify(next).includes(found)
  expect(said).toBe(isMarked)
  expect(ground.instants.broken()).toEqual([])
  expectNothingLeft(ground)
})

import { afterAll, describe, expect, test } from 'vitest'
import { type Call, titleOf } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { befalls, type Mishap, untilItComes } from '../../commands/rotate/mishaps.ts'
import { expectTruth } from '../../commands/rotate/truth.ts'

const ground = await openGround()
afterAll(() => ground.close())
const calls = await ground.record()
const writes = calls.filter((call) => call.of === 'api' && call.writes)
const named = (some: Call[]) => some.map((call) => [titleOf(call), call] as const)

async function meets(call: Call, mishap: Mishap): Promise<void> {
  const { old, ended } = await untilItComes(call, async () => {
    const old = await ground.anew()
    const stop = befalls(ground, call, mishap)
    const ended = await ground.whole().ended
    return stop() && { old, ended }
  })
  await expectTruth(ground, old, ended)
}

test('there is a point for each call', () => {
  process.stdout.write(`${calls.length} calls of a rotation: each fails, and loses its answer; ${writes.length} writes conflict\n`)
  expect(named(calls)).toHaveLength(calls.length)
  expect(new Set(named(calls).map(([title]) => title)).size).toBe(calls.length)
})

describe('fails', () => {
  test.each(named(calls))('%s', (_, call) => meets(call, 'fails'))
})
describe('is done, but its answer gets lost', () => {
  test.each(named(calls))('%s', (_, call) => meets(call, 'is done, but its answer gets lost'))
})
describe('conflicts', () => {
  test.each(named(writes))('%s', (_, call) => meets(call, 'conflicts'))
})

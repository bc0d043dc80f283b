import { afterAll, describe, expect, test } from 'vitest'
import { type Call, titleOf } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { interrupts, untilItComes } from '../../commands/rotate/mishaps.ts'
import { expectTruth } from '../../commands/rotate/truth.ts'
import type { Running } from '../../commands/run.ts'

const ground = await openGround()
afterAll(() => ground.close())
const calls = await ground.record()
const named = (some: Call[]) => some.map((call) => [titleOf(call), call] as const)

async function interrupted(call: Call, name: 'SIGINT' | 'SIGTERM'): Promise<void> {
  const { old, ended } = await untilItComes(call, async () => {
    const old = await ground.anew()
    let running: Running | undefined
    const stop = interrupts(ground, call, () => running as Running, name)
    running = ground.whole()
    const ended = await running.ended
    return stop() && { old, ended }
  })
  expect(ended.code).toBe(name === 'SIGINT' ? 130 : 143)
  await expectTruth(ground, old, ended)
}

test('there is a point for each call', () => {
  process.stdout.write(`${calls.length} calls of a rotation, and as many at which it is interrupted\n`)
  expect(named(calls)).toHaveLength(calls.length)
  expect(new Set(named(calls).map(([title]) => title)).size).toBe(calls.length)
})

describe('SIGINT', () => {
  test.each(named(calls))('%s', (_, call) => interrupted(call, 'SIGINT'))
})
describe('SIGTERM', () => {
  test.each(named(calls.filter(({ writes }) => writes)))('%s', (_, call) => interrupted(call, 'SIGTERM'))
})

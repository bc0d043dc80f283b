import { afterAll, expect } from 'vitest'
import type { Call } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { interrupts, untilItComes } from '../../commands/rotate/mishaps.ts'
import { expectTruth } from '../../commands/rotate/truth.ts'
import type { Running } from '../../commands/run.ts'
import { points } from './points.ts'

const ground = await openGround()
afterAll(() => ground.close())
const calls = await ground.record()

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

const { each, count } = points()
each('SIGINT', calls, (call) => interrupted(call, 'SIGINT'))
const writes = calls.filter((call) => call.writes)
each('SIGTERM', writes, (call) => interrupted(call, 'SIGTERM'))
count({ calls, says: 'calls of a rotation' })

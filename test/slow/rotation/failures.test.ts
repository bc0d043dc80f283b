import { afterAll } from 'vitest'
import type { Call } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { befalls, type Mishap, untilItComes } from '../../commands/rotate/mishaps.ts'
import { expectTruth } from '../../commands/rotate/truth.ts'
import { points } from './points.ts'

const ground = await openGround()
afterAll(() => ground.close())
const calls = await ground.record()
const writes = calls.filter((call) => call.of === 'api' && call.writes)

async function meets(call: Call, mishap: Mishap): Promise<void> {
  const { old, ended } = await untilItComes(call, async () => {
    const old = await ground.anew()
    const stop = befalls(ground, call, mishap)
    const ended = await ground.whole().ended
    return stop() && { old, ended }
  })
  await expectTruth(ground, old, ended)
}

const { each, count } = points()
each('fails', calls, (call) => meets(call, 'fails'))
each('is done, but its answer gets lost', calls, (call) => meets(call, 'is done, but its answer gets lost'))
each('conflicts', writes, (call) => meets(call, 'conflicts'))
count({ calls, says: 'calls of a rotation' })

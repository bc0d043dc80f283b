import { afterAll, describe, expect, test } from 'vitest'
import { type Call, titleOf } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { befalls, interrupts, type Mishap, untilItComes } from '../../commands/rotate/mishaps.ts'
import type { Running } from '../../commands/run.ts'
import { expectPairTruth, newPair, recordPair, rotatePair, serversIn } from './pairs.ts'

const ground = await openGround()
afterAll(() => ground.close())
const all = await recordPair(ground)
/** What changes something, what is waited for, and what is asked of Connect. */
const calls = all.filter(({ of, writes, name }) => writes || of === 'connect' || name.startsWith('watch '))
const writes = calls.filter((call) => call.writes)
const named = (some: Call[]) => some.map((call) => [titleOf(call), call] as const)

async function ends(call: Call, prepare: (running: () => Running) => () => boolean): Promise<void> {
  const { old, pair, ended } = await untilItComes(call, async () => {
    const old = serversIn(ground).token ?? ''
    const pair = await newPair(ground)
    let running: Running | undefined
    const stop = prepare(() => running as Running)
    running = rotatePair(ground, pair)
    const ended = await running.ended
    return stop() && { old, pair, ended }
  })
  await expectPairTruth(ground, old, pair, ended)
}
const meets = (call: Call, mishap: Mishap) => ends(call, () => befalls(ground, call, mishap))

test('all that changes something is here', () => {
  process.stdout.write(`${all.length} calls of a rotation of credentials, ${calls.length} of them are writes and waits\n`)
  expect(writes.map(({ name }) => name.replace(/^(\w+) .*\//, '$1 '))).toEqual(
    expect.arrayContaining(['patch onepassword-connect-secret', 'patch onepassword-connect-token', 'patch onepassword-connect']),
  )
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
describe('SIGINT', () => {
  test.each(named(all))('%s', (_, call) => ends(call, (running) => interrupts(ground, call, running, 'SIGINT')))
})

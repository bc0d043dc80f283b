import { afterAll, describe, expect, test } from 'vitest'
import { type Call, sameCall, titleOf } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { befalls, fallsOver, interrupts, type Mishap, untilItComes } from '../../commands/rotate/mishaps.ts'
import { reportIn } from '../../commands/rotate/schema.ts'
import { expectNothingLeft, expectTrueReport, expectTruth, expectWorking } from '../../commands/rotate/truth.ts'
import type { Ended, Running } from '../../commands/run.ts'

const ground = await openGround()
afterAll(() => ground.close())

// Where the way back begins: the new token is in the Secret, and the stores have been validated with it.
const turn = (await ground.record()).find(({ name }) => name.startsWith('patch ') && name.endsWith('/my-app')) as Call

/** A rotation that is interrupted there. */
async function interrupted(timeout: string): Promise<Ended> {
  let running: Running | undefined
  const stop = interrupts(ground, turn, () => running as Running, 'SIGINT')
  running = ground.whole({ timeout })
  const ended = await running.ended
  expect(stop()).toBe(true)
  return ended
}

async function recorded(): Promise<Call[]> {
  const calls: Call[] = []
  await ground.anew()
  const stop = ground.onCall(({ call }) => calls.push(call))
  await interrupted('10s')
  stop()
  return calls.slice(calls.findIndex((call) => sameCall(call, turn)) + 1)
}
const calls = await recorded()
const named = (some: Call[]) => some.map((call) => [titleOf(call), call] as const)
const writes = calls.filter((call) => call.of === 'api' && call.writes)

test('all of the way back is here', () => {
  process.stdout.write(`${calls.length} calls on the way back\n`)
  expect(writes.map(({ name }) => name.split('/').at(-1))).toEqual(
    expect.arrayContaining(['onepassword-connect-token', 'onepassword', 'eso-bootstrap']),
  )
  expect(calls.filter(({ of }) => of === 'op').map(({ name }) => name)).toEqual(['op connect token delete'])
})

async function meets(call: Call, mishap: Mishap): Promise<void> {
  const { old, ended } = await untilItComes(call, async () => {
    const old = await ground.anew()
    const stop = befalls(ground, call, mishap)
    const ended = await interrupted('10s')
    return stop() && { old, ended }
  })
  // What op makes 1Password delete is another matter: the cluster has its old token back.
  expect(ground.held()).toBe(old.value)
  await expectTruth(ground, old, ended)
}

describe('fails', () => {
  test.each(named(calls))('%s', (_, call) => meets(call, 'fails'))
})
describe('is done, but its answer gets lost', () => {
  test.each(named(calls))('%s', (_, call) => meets(call, 'is done, but its answer gets lost'))
})
describe('conflicts', () => {
  test.each(named(writes))('%s', (_, call) => meets(call, 'conflicts'))
})
describe('the API server falls over', () => {
  const first = calls.filter((call, at) => call.of === 'api' && (at === 0 || call.writes || calls[at - 1]?.writes))
  test.each(named(first))('%s', async (_, call) => {
    const { old, ended } = await untilItComes(call, async () => {
      const old = await ground.anew()
      const stop = fallsOver(ground, call)
      const ended = await interrupted('1s')
      return stop() && { old, ended }
    })
    expectTrueReport(ground, old, ended)
    await expectWorking(ground)
    ground.expire()
    expect(reportIn(await ground.whole().ended)).toMatchObject({ verdict: 'rotated', exitCode: 0 })
    expect(ground.instants.broken()).toEqual([])
    expectNothingLeft(ground)
  })
})

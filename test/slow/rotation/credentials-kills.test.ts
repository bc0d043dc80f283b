import { afterAll, describe, expect, test } from 'vitest'
import { type Call, titleOf } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { untilItComes } from '../../commands/rotate/mishaps.ts'
import { idsIn, reportIn } from '../../commands/rotate/schema.ts'
import { expectNothingLeft, expectWorking } from '../../commands/rotate/truth.ts'
import { killedAt } from './killed.ts'
import { areCredentialsMarked, newPair, type Pair, recordPair, rotatePair, serversIn, wordsFor } from './pairs.ts'

const ground = await openGround()
afterAll(() => ground.close())
const all = await recordPair(ground)
// Between two writes it is all the same when it is killed: at each of them, and at what comes next.
const calls = all.filter((call, at) => call.writes || all[at - 1]?.writes)
const named = calls.map((call) => [titleOf(call), call] as const)
const found = 'An earlier run wrote new credentials and was ended before they were proven.'

/** Kills a rotation, and gives what has been left: in each Secret what is whole, old or new. */
async function leftBy(call: Call, moment: 'before' | 'after') {
  const { old, pair } = await untilItComes(call, async () => {
    const old = serversIn(ground).token ?? ''
    const pair = await newPair(ground)
    return (await killedAt(ground, call, moment, wordsFor(pair))) && { old, pair }
  })
  const is = serversIn(ground)
  for (const each of [is.credentials, is.token]) expect([old, pair.server]).toContain(each)
  expect(ground.instants.broken()).toEqual([])
  const isMarked = areCredentialsMarked(ground)
  // What isn't marked is all old, or proven.
  if (!isMarked) expect(is.credentials).toBe(is.token)
  ground.expire()
  return { old, pair, is, isMarked, isTokenMarked: ground.isMarked() }
}

async function expectOn(pair: Pair): Promise<void> {
  expect(serversIn(ground)).toEqual({ credentials: pair.server, token: pair.server })
  await ground.sandbox.settled()
  await expectWorking(ground)
  expect(areCredentialsMarked(ground)).toBe(false)
}

describe('before it is done, and then run again', () => {
  test.each(named)('%s', async (_, call) => {
    const { old, pair, is, isMarked, isTokenMarked } = await leftBy(call, 'before')
    const ended = await rotatePair(ground, pair).ended
    const report = reportIn(ended)
    expect(ended.stdout.includes(found)).toBe(isMarked)
    if (is.token === pair.server && !isTokenMarked) expect(idsIn(report)).toEqual(['token-same'])
    else {
      expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
      if (isMarked || is.token === old) expect(report.replaced).toEqual([{ server: old, deleted: false }])
      expectNothingLeft(ground)
    }
    await expectOn(pair)
  })
})

describe('after it is done, and then another rotation', () => {
  test.each(named)('%s', async (_, call) => {
    const { old, is, isMarked } = await leftBy(call, 'after')
    const another = await newPair(ground)
    const ended = await rotatePair(ground, another).ended
    const report = reportIn(ended)
    expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
    expect(ended.stdout.includes(found)).toBe(isMarked)
    const replaced = [...new Set([...(isMarked ? [old] : []), is.token])]
    expect(report.replaced.map(({ server }) => server)).toEqual(replaced)
    await expectOn(another)
    expectNothingLeft(ground)
  })
})

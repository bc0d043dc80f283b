import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syncOf } from '../../../src/steps/rotation/external-secrets.ts'
import type { Call } from './calls.ts'
import { type Ground, openGround } from './ground.ts'
import { arrivesLate, interrupts, when } from './mishaps.ts'
import { reportIn } from './schema.ts'
import { expectTruth } from './truth.ts'

let ground: Ground
let calls: Call[]
beforeAll(async () => {
  ground = await openGround()
  calls = await ground.record()
})
afterAll(() => ground?.close())

/** Longer than until the next attempt, in milliseconds. */
const delay = 800

const one = (end: string, nth = 1): Call => {
  const found = calls.find((call) => `${call.name} `.includes(`${end} `) && call.nth === nth)
  if (found === undefined) throw new Error(`no call ${end}`)
  return found
}

describe('at each instant there is one whole token in the Secret, and it works', () => {
  test('in a rotation: the old one, the new one with a mark, the new one', async () => {
    const old = await ground.anew()
    ground.instants.versions()
    const ended = await ground.whole().ended
    const [made] = ground.made()
    expect(ended.code).toBe(0)
    expect(made).not.toBe(old.id)
    expect(ground.instants.versions()).toEqual([made, made])
    expect(ground.instants.broken()).toEqual([])
  })

  test('in one that is interrupted: the old one, the new one, the old one', async () => {
    const old = await ground.anew()
    ground.instants.versions()
    let running = undefined as unknown as ReturnType<Ground['whole']>
    const stop = interrupts(ground, one('externalsecrets/my-app'), () => running, 'SIGINT')
    running = ground.whole()
    const ended = await running.ended
    expect(stop()).toBe(true)
    expect(ground.instants.versions()).toEqual([ground.made()[0], old.id])
    await expectTruth(ground, old, ended)
  })

  test('and a write that arrives when nobody waits for it any more changes nothing', async () => {
    const old = await ground.anew()
    ground.instants.versions()
    const stop = arrivesLate(ground, one('patch /api/v1/namespaces/external-secrets/secrets/onepassword-connect-token'), delay)
    const ended = await ground.whole().ended
    await stop()
    expect(ended.code).toBe(0)
    const [made] = ground.made()
    expect(ground.instants.versions()).toEqual([made, made])
    await expectTruth(ground, old, ended)
  })
})

test('the old token is deleted when a forced sync has succeeded with the new one, and the Secret says no more that it is unproven', async () => {
  await ground.anew()
  const before = ['my-app', 'my-other-app'].map((name) => syncOf(ground.externalSecret(name) as never).version)
  const order: Call[] = []
  const stopListening = ground.onCall(({ call }) => order.push(call))
  let then: unknown
  const stop = when(ground, one('op connect token delete'), () => {
    then = {
      isMarked: ground.isMarked(),
      holds: ground.held() !== undefined,
      synced: ['my-app', 'my-other-app'].map((name, at) => syncOf(ground.externalSecret(name) as never).version !== before[at]),
    }
  })
  expect(reportIn(await ground.whole().ended)).toMatchObject({ verdict: 'rotated', replaced: [{ deleted: true }] })
  stopListening()
  expect(stop()).toBe(true)
  expect(then).toEqual({ isMarked: false, holds: true, synced: [true, true] })
  const names = order.map(({ name, nth }) => `${name.replace(/^(\w+) \/.*\/(\w+\/[\w-]+)$/, '$1 $2')} ${nth}`)
  const at = (name: string) => names.indexOf(name)
  const inOrder = [
    'op connect token create 1',
    '/v1/vaults 1',
    'patch secrets/onepassword-connect-token 1',
    'patch externalsecrets/my-app 1',
    'patch externalsecrets/my-other-app 1',
    'patch secrets/onepassword-connect-token 2',
    'op connect token delete 1',
  ].map(at)
  expect(inOrder).not.toContain(-1)
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
})

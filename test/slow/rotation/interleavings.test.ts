import { afterAll, describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type Call, sameCall, titleOf } from '../../commands/rotate/calls.ts'
import { openGround } from '../../commands/rotate/ground.ts'
import { untilItComes, when } from '../../commands/rotate/mishaps.ts'
import { idsIn, reportIn, statesIn } from '../../commands/rotate/schema.ts'
import { idOf } from '../../commands/rotate/stage.ts'
import { expectNothingLeft, expectWorking } from '../../commands/rotate/truth.ts'
import type { Ended } from '../../commands/run.ts'

const ground = await openGround()
afterAll(() => ground.close())
const calls = await ground.record()
const named = calls.map((call) => [titleOf(call), call] as const)
const isLater = (call: Call, than: string) =>
  calls.findIndex((each) => sameCall(each, call)) > calls.findIndex(({ name, nth }) => `${name} ${nth}` === than)
const secret = '/api/v1/namespaces/external-secrets/secrets/onepassword-connect-token'
const nobodyElse = () => {
  expect(ground.instants.broken()).toEqual([])
  expectNothingLeft(ground)
}

describe('a second rotation begins: one after the other, or one of them not at all', () => {
  test.each(named)('at %s', async (_, call) => {
    const { ended, other } = await untilItComes(call, async () => {
      await ground.anew()
      let other: Promise<Ended> | undefined
      const stop = when(ground, call, () => {
        other = ground.whole().ended
      })
      const ended = await ground.whole().ended
      return stop() && other !== undefined && { ended, other: await other }
    })
    const reports = [ended, other].map(reportIn)
    const rotated = reports.filter(({ clusters }) => clusters[0]?.verdict === 'rotated')
    expect(rotated.length).toBeGreaterThan(0)
    expect(rotated.flatMap(({ errors }) => errors)).toEqual([])
    for (const each of reports.filter((report) => !rotated.includes(report))) {
      expect(each.exitCode).toBe(6)
      expect(['busy', 'changed-meanwhile']).toContain(idsIn(each)[0])
      expect(['restored', 'blocked']).toContain(each.clusters[0]?.verdict)
    }
    // Of the tokens that were made the one in use is left, and nobody deletes one twice.
    const left = ground.made().filter((id) => !ground.sandbox.account.revoked.has(id))
    expect(left).toEqual([idOf(ground.held() ?? '')])
    await expectWorking(ground)
    nobodyElse()
  })
})

describe('somebody else puts another token into the Secret: that one stays', () => {
  test.each(named)('at %s', async (_, call) => {
    const { old, theirs, ended } = await untilItComes(call, async () => {
      const old = await ground.anew()
      const theirs = await ground.newToken()
      const stop = when(ground, call, () => {
        const { store } = ground.sandbox.api
        const found = store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
        if (found !== undefined) store.put({ ...found, data: { token: Buffer.from(theirs.value).toString('base64') } }, 'a-person')
      })
      const ended = await ground.whole({ 'take-ownership': true }).ended
      return stop() && { old, theirs, ended }
    })
    const report = reportIn(ended)
    const verdict = report.clusters[0]?.verdict
    const now = idOf(ground.held() ?? '')
    const { revoked } = ground.sandbox.account
    if (now === theirs.id) {
      expect(revoked).not.toContain(theirs.id)
      // Who has proven the new one before has told the truth.
      if (verdict === 'rotated') expect(isLater(call, `patch ${secret} 2`)).toBe(true)
      else expect(idsIn(report)).toContain('changed-meanwhile')
    } else {
      // It was there before the rotation looked, which has taken it for the old one.
      expect(verdict).toBe('rotated')
      expect(report.replaced).toMatchObject([{ id: theirs.id, deleted: true }])
      expect(revoked).not.toContain(old.id)
    }
    if (statesIn(report)['token'] === 'not-undone') expect(ended.code).toBe(5)
    await expectWorking(ground)
    expect(ground.instants.broken()).toEqual([])
  })
})

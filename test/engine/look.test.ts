import { describe, expect, test } from 'vitest'
import { blockers, lookAtAll } from '../../src/engine/look.ts'
import { mutations, needsOf, planOf } from '../../src/engine/plan.ts'
import type { Look, Pending, Step } from '../../src/engine/step.ts'
import { unlessAborted } from '../../src/engine/unless-aborted.ts'
import { Failure } from '../../src/failure.ts'

const already: Look = { is: 'already', says: 'so' }
const step = (id: string, look: Step<object>['look']): Step<object> => ({ id, title: `the ${id}`, look })
const pending = (more: Partial<Pending> = {}): Pending => ({
  is: 'pending',
  says: 'would',
  changes: [{ action: 'create', what: 'it' }],
  makeItSo: async () => ({ says: 'made' }),
  ...more,
})

describe('lookAtAll', () => {
  test('looks side by side: two that wait for each other’s beginning both end', async () => {
    let open = () => {}
    const both = new Promise<void>((resolve) => {
      open = resolve
    })
    let count = 0
    const look = async () => {
      count += 1
      if (count === 2) open()
      await both
      return already
    }
    expect(await lookAtAll([step('a', look), step('b', look)], {})).toMatchObject([{ look: already }, { look: already }])
  })

  test('gives a step what an earlier one found; one that isn’t earlier is a mistake', async () => {
    const found = await lookAtAll(
      [
        step('a', async () => already),
        step('b', async (_, earlier) => ({ is: 'already', says: `a is ${(await earlier('a')).is}` })),
        step('c', async (_, earlier) => earlier('d')),
        step('d', async () => already),
      ],
      {},
    )
    expect(found[1]?.look).toEqual({ is: 'already', says: 'a is already' })
    expect(found[2]?.error).toEqual(new Error('c asks for d, which is not an earlier step'))
  })

  test('never throws, also where a look does so at once', async () => {
    const error = new Error('no')
    const throws = () => {
      throw error
    }
    expect(await lookAtAll([step('a', throws), step('b', async () => already)], {})).toMatchObject([{ error }, { look: already }])
  })

  test('an error that stopped several steps is told once, in the order of the steps', async () => {
    const failure = (id: string) => new Failure({ id, exit: 'blocked', what: `${id}.` })
    const first = failure('first')
    const found = await lookAtAll(
      [
        step('a', async () => {
          throw first
        }),
        step('b', async (_, earlier) => earlier('a')),
        step('c', async () => {
          throw failure('second')
        }),
        step('d', async () => {
          throw failure('first')
        }),
      ],
      {},
    )
    expect(blockers(found)).toEqual([first, failure('second')])
  })
})

describe('the plan', () => {
  const looked = [
    { step: step('a', async () => already), look: already },
    { step: step('b', async () => already), look: pending({ notes: ['mind'], needs: ['b'] }) },
    { step: step('c', async () => already), look: pending({ changes: [{ action: 'act', what: 'wait' }], needs: ['c'] }) },
    { step: step('d', async () => already), look: { is: 'skipped', says: 'no' } as Look },
    { step: step('e', async () => already), error: new Error('no') },
  ]

  test('is plain data: what is there of functions and needs stays behind', () => {
    const plan = planOf(looked)
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
    expect(plan.steps.map(({ id, state }) => `${id} ${state}`)).toEqual(['a already', 'b pending', 'c pending', 'd skipped', 'e blocked'])
    expect(plan.steps[1]).toEqual({
      id: 'b',
      title: 'the b',
      state: 'pending',
      says: 'would',
      notes: ['mind'],
      changes: [{ action: 'create', what: 'it' }],
    })
  })

  test('waiting needs no consent', () => {
    expect(mutations(planOf(looked))).toEqual([{ action: 'create', what: 'it' }])
  })

  test('needs count only where something changes', () => {
    expect(needsOf(looked)).toEqual(['b', 'c'])
    expect(needsOf([{ step: step('lock', async () => already), look: pending({ changes: [], needs: ['lease'] }) }])).toEqual([])
  })
})

describe('unlessAborted', () => {
  test('gives what the work gives, and throws what it throws', async () => {
    const { signal } = new AbortController()
    expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1)
    await expect(unlessAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
  })

  test('doesn’t wait once it is aborted', async () => {
    const controller = new AbortController()
    const waiting = unlessAborted(new Promise(() => {}), controller.signal)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(unlessAborted(new Promise(() => {}), controller.signal)).rejects.toThrow('enough')
  })
})

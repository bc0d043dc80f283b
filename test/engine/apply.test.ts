import { describe, expect, test } from 'vitest'
import { apply, type Progress } from '../../src/engine/apply.ts'
import type { Looked } from '../../src/engine/look.ts'
import type { Change, Look, Made, Run } from '../../src/engine/step.ts'

const create: Change[] = [{ action: 'create', what: 'it' }]
const never = new AbortController().signal

/** A step that keeps a diary; what its `makeItSo` does, and gives, is the test's. */
function pending(
  id: string,
  diary: string[],
  made: Partial<Made> = {},
  work: (run: Run) => unknown = () => {},
  changes = create,
): Looked<object> {
  const look: Look = {
    is: 'pending',
    says: `would make ${id}`,
    changes,
    async makeItSo(run) {
      diary.push(`make ${id}`)
      await work(run)
      const undo = async () => void diary.push(`undo ${id}`)
      const release = async () => void diary.push(`release ${id}`)
      return { says: `made ${id}`, undo, release, ...made }
    },
  }
  return { step: { id, title: `the ${id}`, look: async () => look }, look }
}

const fail = () => {
  throw new Error('no')
}

describe('apply', () => {
  test('makes the steps so in their order, then releases in the opposite one', async () => {
    const diary: string[] = []
    const outcome = await apply(
      ['a', 'b', 'c'].map((id) => pending(id, diary, id === 'b' ? { notes: ['by the way'] } : {})),
      never,
      () => {},
    )
    expect(diary).toEqual(['make a', 'make b', 'make c', 'release c', 'release b', 'release a'])
    expect(outcome).toEqual({
      done: ['a', 'b', 'c'],
      says: { a: 'made a', b: 'made b', c: 'made c' },
      notes: { a: [], b: ['by the way'], c: [] },
    })
  })

  test('leaves out what is already so, what is skipped and what could not be looked at', async () => {
    const diary: string[] = []
    const others: Looked<object>[] = [
      { step: { id: 'x', title: 'x', look: fail }, look: { is: 'already', says: 'so' } },
      { step: { id: 'y', title: 'y', look: fail }, look: { is: 'skipped', says: 'not wanted' } },
      { step: { id: 'z', title: 'z', look: fail }, error: new Error('no') },
    ]
    expect((await apply([...others, pending('a', diary)], never, () => {})).done).toEqual(['a'])
  })

  test('takes no lock where nothing changes', async () => {
    const diary: string[] = []
    expect(await apply([pending('lock', diary, {}, () => {}, [])], never, () => {})).toEqual({ done: [], says: {}, notes: {} })
    expect(diary).toEqual([])
    await apply([pending('lock', diary, {}, () => {}, []), pending('a', diary)], never, () => {})
    expect(diary.slice(0, 2)).toEqual(['make lock', 'make a'])
  })

  test('takes everything back in the opposite order when a step fails, before anything is released', async () => {
    const diary: string[] = []
    const outcome = await apply(
      [pending('a', diary), pending('b', diary), pending('c', diary, {}, fail), pending('d', diary)],
      never,
      () => {},
    )
    expect(diary).toEqual(['make a', 'make b', 'make c', 'undo b', 'undo a', 'release b', 'release a'])
    expect(outcome).toMatchObject({ done: [], failed: { step: 'c', undone: ['b', 'a'], notUndone: [], visible: false } })
  })

  test('goes on taking back when one can’t be, and names it', async () => {
    const diary: string[] = []
    const stuck = pending('b', diary, { undo: fail })
    const outcome = await apply([pending('a', diary), stuck, pending('c', diary), pending('d', diary, {}, fail)], never, () => {})
    expect(diary.filter((line) => line.startsWith('undo'))).toEqual(['undo c', 'undo a'])
    expect(outcome).toMatchObject({ done: ['b'], failed: { undone: ['c', 'a'], notUndone: [{ step: 'b', error: new Error('no') }] } })
  })

  test('takes nothing back once others can see it', async () => {
    const diary: string[] = []
    const outcome = await apply(
      [pending('a', diary), pending('push', diary, { visible: true }), pending('c', diary, {}, fail)],
      never,
      () => {},
    )
    expect(diary).toEqual(['make a', 'make push', 'make c', 'release push', 'release a'])
    expect(outcome).toMatchObject({ done: ['a', 'push'], failed: { step: 'c', undone: [], visible: true } })
  })

  test('stops before the next step when it is interrupted, with the reason', async () => {
    const diary: string[] = []
    const controller = new AbortController()
    const interrupted = new Error('interrupted')
    const looked = [pending('a', diary, {}, () => controller.abort(interrupted)), pending('b', diary)]
    const outcome = await apply(looked, controller.signal, () => {})
    expect(diary).toEqual(['make a', 'undo a', 'release a'])
    expect(outcome.failed).toMatchObject({ step: 'b', error: interrupted, undone: ['a'] })
  })

  test('stops when what an earlier step made no longer holds, and tells the step at work', async () => {
    const diary: string[] = []
    const lost = new AbortController()
    const waits = ({ signal }: Run) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        lost.abort(new Error('the lock is lost'))
      })
    const outcome = await apply([pending('lock', diary, { stops: lost.signal }), pending('a', diary, {}, waits)], never, () => {})
    expect(outcome.failed).toMatchObject({ step: 'a', error: new Error('the lock is lost'), undone: ['lock'] })
  })

  test('a release that fails changes nothing, and keeps no other from being released', async () => {
    const diary: string[] = []
    const outcome = await apply([pending('a', diary), pending('b', diary, { release: async () => fail() })], never, () => {})
    expect(diary).toEqual(['make a', 'make b', 'release a'])
    expect(outcome.failed).toBeUndefined()
  })

  test('tells each event in its turn', async () => {
    const events: string[] = []
    const on = (event: Progress) => events.push(`${event.step} ${event.is}${'text' in event ? ` ${event.text}` : ''}`)
    const diary: string[] = []
    const talks = ({ say, note }: Run) => {
      say('waiting')
      note('a part is done')
    }
    await apply([pending('a', diary, {}, talks), pending('b', diary, { undo: fail }), pending('c', diary, {}, fail)], never, on)
    expect(events).toEqual([
      'a started',
      'a says waiting',
      'a notes a part is done',
      'a made',
      'b started',
      'b made',
      'c started',
      'c failed',
      'b not-undone',
      'a undone',
    ])
  })
})

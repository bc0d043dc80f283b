import { describe, expect, it } from 'vitest'
import type { Check, Finding, NotSeen } from '../../src/doctor/check.ts'
import { type Bound, diagnose } from '../../src/doctor/diagnose.ts'
import { Failure } from '../../src/failure.ts'

type Look = () => Promise<readonly (Finding | NotSeen)[]>

function bound(id: string, look: Look, more: Partial<Check> = {}): Bound {
  const page = { symptom: '', cause: '', fix: '', sources: [] }
  const check = { id, category: 'cluster', title: `${id} holds`, severity: 'error', needs: [], page, looksAt: 'files', ...more } as Check
  return { check, look }
}

const wrong = (more: Partial<Finding> = {}): Finding => ({ about: 'it', why: 'It is wrong.', fix: ['mend it'], ...more })
const how = (deadline = 60_000, signal = new AbortController().signal) => ({ deadline, signal })
const refused = () => Promise.reject(new Failure({ id: 'forbidden', exit: 'refused', what: 'You may not look.' }))

async function told(...all: Bound[]) {
  return (await diagnose(all, how())).map(({ check, is, because }) => [check.id, is, ...(because === undefined ? [] : [because])].join(' '))
}

describe('a check', () => {
  it('is true where it finds nothing, and keeps its place', async () => {
    let begin = () => {}
    const slow = new Promise<void>((resolve) => {
      begin = resolve
    })
    const late = bound('a', () => slow.then(() => []))
    const early = bound('b', async () => {
      begin()
      return []
    })
    expect(await told(late, early)).toEqual(['a true', 'b true'])
  })

  it('is skipped where what it needs found an error, and so is what needs that; the first cause is named', async () => {
    let looked = 0
    const look = async () => {
      looked++
      return []
    }
    expect(
      await told(
        bound('a', async () => [wrong()]),
        bound('b', look, { needs: ['a'] }),
        bound('c', look, { needs: ['b'] }),
        bound('d', look),
      ),
    ).toEqual(['a found', 'b skipped a', 'c skipped a', 'd true'])
    expect(looked).toBe(1)
  })

  it.each<[string, Look, string]>([
    ['a warning', async () => [wrong({ severity: 'warning' })], 'found'],
    ['what could not be looked at', refused, 'not-seen'],
  ])('goes on behind %s', async (_, look, is) => {
    expect(
      await told(
        bound('a', look),
        bound('b', async () => [], { needs: ['a'] }),
      ),
    ).toEqual([`a ${is}`, 'b true'])
  })

  it('that is ignored holds nobody up', async () => {
    expect(await told(bound('b', async () => [], { needs: ['ignored'] }))).toEqual(['b true'])
  })

  it('that may not be looked at, or not in part, is no finding', async () => {
    const part: NotSeen = { notSeen: 'the pods', why: 'You may not\nlist them.' }
    const [all, some, both] = await diagnose(
      [bound('a', refused), bound('b', async () => [part]), bound('c', async () => [part, wrong()])],
      how(),
    )
    expect(all).toMatchObject({ is: 'not-seen', findings: [], notSeen: [{ notSeen: 'a holds', why: 'You may not look.' }] })
    expect(some).toMatchObject({ is: 'not-seen', findings: [], notSeen: [{ why: 'You may not list them.' }] })
    expect(both).toMatchObject({ is: 'found', findings: [{ about: 'it' }], notSeen: [{ notSeen: 'the pods' }] })
  })

  it('that takes too long is left alone', async () => {
    const [never] = await diagnose([bound('a', () => new Promise(() => {}))], how(20))
    expect(never).toMatchObject({ is: 'not-seen', notSeen: [{ why: 'It took longer than 0.02 s.' }] })
  })

  it('ends with the signal, and with what is a mistake of ours', async () => {
    const stop = new AbortController()
    const waiting = diagnose([bound('a', () => new Promise(() => {}))], how(60_000, stop.signal))
    const reason = new Failure({ id: 'interrupted', exit: 'interrupted', what: 'Interrupted.' })
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(diagnose([bound('a', () => Promise.reject(new TypeError('ours')))], how())).rejects.toThrow(TypeError)
  })
})

describe('findings', () => {
  it('are told once, with the place in the file, errors first, without control characters', async () => {
    const [result] = await diagnose(
      [
        bound('a', async () => [
          wrong({ about: 'later', severity: 'warning' }),
          wrong({ about: 'the \x1b[31mstore\u202e', at: { path: 'a.yaml', line: 3 } }),
          wrong({ about: 'the store' }),
        ]),
      ],
      how(),
    )
    expect(result?.findings).toEqual([
      { about: 'the store', why: 'It is wrong.', fix: ['mend it'], at: { path: 'a.yaml', line: 3 } },
      { about: 'later', why: 'It is wrong.', fix: ['mend it'], severity: 'warning' },
    ])
  })
})

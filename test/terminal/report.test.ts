import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/engine/apply.ts'
import type { Plan, PlannedStep } from '../../src/engine/plan.ts'
import { type Exit, exitCodes, Failure } from '../../src/failure.ts'
import { interrupted } from '../../src/terminal/interrupt.ts'
import { type Finished, reportOf } from '../../src/terminal/report.ts'
import { validate } from '../commands/init/schema.ts'

const step = (id: string, state: PlannedStep['state'], action?: 'create' | 'act'): PlannedStep => ({
  id,
  title: `the ${id}`,
  state,
  says: `says ${id}`,
  notes: [],
  changes: action === undefined ? [] : [{ action, what: id }],
})
const planOf = (...steps: PlannedStep[]): Plan => ({ steps })
const changing = planOf(step('a', 'pending', 'create'), step('b', 'pending', 'create'), step('ready', 'pending', 'act'))
const nothing = planOf(step('a', 'already'), step('ready', 'already'))

const of = (finished: Partial<Finished>) => reportOf({ plan: changing, errors: [], detailedExitcode: false, ...finished })
const done = (...ids: string[]): Outcome => ({ done: ids, notes: {}, says: Object.fromEntries(ids.map((id) => [id, `made ${id}`])) })
const failed = (error: unknown, more: Partial<NonNullable<Outcome['failed']>> = {}, ...ids: string[]): Outcome => ({
  ...done(...ids),
  failed: { step: 'b', error, undone: [], notUndone: [], visible: false, ...more },
})
const failure = (exit: Exit, id = 'some-failure') => new Failure({ id, exit, what: 'It failed.' })

describe('the exit code', () => {
  test.each([
    ['done', of({ outcome: done('a', 'b', 'ready') }), 0],
    ['a dry run', of({}), 0],
    ['a dry run that would change something, and is asked', of({ detailedExitcode: true }), 10],
    ['a dry run that would only wait, and is asked', of({ plan: planOf(step('ready', 'pending', 'act')), detailedExitcode: true }), 0],
    ['a dry run with nothing to do, and is asked', of({ plan: nothing, detailedExitcode: true }), 0],
    ['a real run, although it is asked', of({ outcome: done('a'), detailedExitcode: true }), 0],
    ['taken back: the failure’s own', of({ outcome: failed(failure('refused'), { undone: ['a'] }) }), 4],
    ['seen by others: partly', of({ outcome: failed(failure('refused'), { visible: true }, 'a') }), 5],
    [
      'could not be taken back: partly',
      of({ outcome: failed(failure('busy'), { notUndone: [{ step: 'a', error: failure('refused') }] }, 'a') }),
      5,
    ],
    ['interrupted, and seen by others: interrupted', of({ outcome: failed(interrupted(), { visible: true }, 'a') }), 130],
    ['terminated', of({ outcome: failed(interrupted('terminated')) }), 143],
    ['a mistake of ours', of({ errors: [new TypeError('secret')] }), 1],
  ])('%s', (_, report, code) => {
    expect(report.exitCode).toBe(code)
  })

  test.each(Object.keys(exitCodes).filter((exit) => !['done', 'pending'].includes(exit)) as Exit[])(
    'a check that fails with %s',
    (exit) => {
      expect(of({ errors: [failure(exit), failure('unexpected')] }).exitCode).toBe(exitCodes[exit])
    },
  )
})

describe('the verdict', () => {
  test.each([
    ['verified', of({ outcome: done('a', 'proof') })],
    ['configured', of({ outcome: done('a', 'b') })],
    ['unchanged', of({ plan: nothing, outcome: done() })],
    ['planned', of({})],
    [
      'prepared',
      of({ plan: planOf(step('a', 'pending', 'create'), step('reconcile', 'skipped'), step('ready', 'skipped')), outcome: done('a') }),
    ],
    ['prepared', of({ plan: planOf(step('a', 'pending', 'create')), outcome: done('a') })],
    ['failed', of({ errors: [failure('blocked')] })],
    ['failed', of({ outcome: failed(failure('blocked')) })],
  ])('%s', (verdict, report) => {
    expect(report.verdict).toBe(verdict)
    validate({ ...report, next: [] })
    expect(validate.errors).toBeNull()
  })
})

test('what became of each step', () => {
  const plan = planOf(...['a', 'b', 'c', 'd', 'e'].map((id) => step(id, 'pending', 'create')), step('f', 'already'), step('g', 'skipped'))
  const outcome = failed(
    failure('blocked'),
    { step: 'd', undone: ['b'], notUndone: [{ step: 'c', error: failure('refused', 'other') }] },
    'a',
    'c',
  )
  const report = of({ plan, outcome })
  expect(report.steps.map(({ id, state }) => `${id} ${state}`)).toEqual([
    'a made',
    'b undone',
    'c not-undone',
    'd failed',
    'e not-reached',
    'f already',
    'g skipped',
  ])
  expect(report.steps[0]?.says).toBe('made a')
  expect(report.errors.map(({ id }) => id)).toEqual(['some-failure', 'other'])
})

test('of an error that isn’t ours, nothing but its class is told', () => {
  const text = JSON.stringify(of({ errors: [new RangeError('the token is eyJ0b2tlbg')] }))
  expect(text).toContain('RangeError')
  expect(text).not.toContain('eyJ0b2tlbg')
})

test('the schema refuses what a report never says', () => {
  const good = { ...of({}), next: [] }
  expect(validate(good)).toBe(true)
  expect(validate({ ...good, secret: 'x' })).toBe(false)
  expect(validate({ ...good, verdict: 'failed' })).toBe(false)
  expect(validate({ ...good, exitCode: 3 })).toBe(false)
  expect(validate({ ...good, schemaVersion: 2 })).toBe(false)
})

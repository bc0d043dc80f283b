import { expect, test } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { exitCodeOf, recordOf, renderError, reportError } from '../../src/terminal/errors.ts'
import { listening, style } from './fixture.ts'

test('a failure: what, why, and each way out', () => {
  const failure = new Failure({ id: 'some-failure', exit: 'blocked', what: 'It failed.', why: 'Because.', fix: ['do this', 'or that'] })
  expect(renderError(failure, style)).toBe('✖ It failed.\n  Because.\n  → do this\n  → or that\n')
  expect(recordOf(failure)).toEqual({ id: 'some-failure', what: 'It failed.', why: 'Because.', fix: ['do this', 'or that'] })
  expect(exitCodeOf(failure)).toBe(3)
})

test('anything else: its class and never its message, also with --verbose', () => {
  const error = new TypeError('the token is eyJvery-secret')
  for (const verbose of [false, true]) {
    const text = renderError(error, style, verbose)
    expect(text).toContain('TypeError')
    expect(text).not.toContain('eyJ')
    expect(text.includes('errors.test.ts')).toBe(verbose)
  }
  expect(exitCodeOf(error)).toBe(1)
  expect(renderError('eyJvery-secret', style, true)).not.toContain('eyJ')
})

test('what reaches the top is said on standard error, without escape sequences where there is no terminal', () => {
  const { io, said } = listening()
  expect(reportError(new Failure({ id: 'a', exit: 'refused', what: 'No.' }), io)).toBe(4)
  expect(said()).toBe('✖ No.\n')
})

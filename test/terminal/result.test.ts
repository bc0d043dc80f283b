import { describe, expect, test } from 'vitest'
import type { Inputs } from '../../src/inputs.ts'
import type { Report } from '../../src/terminal/report.ts'
import { nextOf, renderResult } from '../../src/terminal/result.ts'
import { inputs, style } from './fixture.ts'

type Step = Report['steps'][number]
const step = (id: string, state: Step['state']): Step => ({
  id,
  title: `the ${id}`,
  state,
  says: '',
  notes: [],
  changes: [{ action: 'create', what: id }],
})
const report = (more: Partial<Report>): Report => ({
  schemaVersion: 1,
  command: 'init',
  verdict: 'configured',
  exitCode: 0,
  steps: [],
  errors: [],
  next: [],
  ...more,
})
const error = { id: 'some-failure', what: 'It failed.', why: 'Because.', fix: ['do this', 'or that'] }

describe('what is next', () => {
  const online = 'eso-bootstrap init … --git push (creates what the cluster needs, waits and proves it)'
  test.each<[string, Partial<Report>, Partial<Inputs>, string[]]>([
    ['verified', { verdict: 'verified' }, {}, []],
    ['configured', { verdict: 'configured' }, {}, ['To see a value come through: add --verify-item <item>/<field>']],
    ['offline, with nothing to do', { verdict: 'unchanged' }, { offline: true }, [online]],
    ['a plan', { verdict: 'planned' }, {}, ['Run it again without --dry-run.']],
    ['left uncommitted', { verdict: 'prepared' }, { git: 'none' }, ['git commit and git push the changed files', online]],
    ['committed', { verdict: 'prepared' }, { git: 'commit' }, ['git push', online]],
    ['failed, with nothing done', { verdict: 'failed', exitCode: 3 }, {}, []],
    ['partly done', { verdict: 'failed', exitCode: 5 }, {}, ['Run the same command again: it goes on from what is there.']],
    [
      'interrupted after the push',
      { verdict: 'failed', exitCode: 130, steps: [step('publish', 'made')] },
      {},
      ['Run the same command again: it goes on from what is there.'],
    ],
    [
      'a branch',
      { verdict: 'prepared' },
      { branch: 'secrets' },
      ['Open a pull request for secrets: gh pr create --head secrets', 'When it is merged: eso-bootstrap init … (it waits and proves it)'],
    ],
  ])('%s', (_, of, given, next) => {
    expect(nextOf(report(of), { ...inputs, ...given })).toEqual(next)
  })
})

describe('the result', () => {
  const failed = (exitCode: number, ...steps: Step[]) =>
    renderResult(report({ verdict: 'failed', exitCode, errors: [error], steps }), undefined, style)
  const head = '✖ It failed.\n  Because.\n  → do this\n  → or that\n'

  test('a failure before anything was done', () => {
    expect(failed(3, step('a', 'not-reached'))).toBe(`${head}  Nothing was changed.\n`)
  })

  test('never says that nothing was changed where that isn’t known', () => {
    expect(failed(5, step('a', 'failed'))).toBe(head)
  })

  test('names what was taken back, what wasn’t, what stands, and what wasn’t reached', () => {
    const text = failed(5, step('a', 'made'), step('b', 'undone'), step('c', 'not-undone'), step('d', 'failed'), step('e', 'not-reached'))
    expect(text).toBe(
      `${head}  Taken back: the b.\n  Could not be taken back: the c.\n  Done, and left as it is: the a.\n  Not reached: the e.\n`,
    )
  })

  test('ends with the same command, unattended, as a shell takes it', () => {
    const text = renderResult(report({ next: ['go on'] }), ['eso-bootstrap init --yes', '--vault homelab', '--git push'], style)
    expect(text).toBe(
      'Configured, not verified.\n  → go on\n\nThe same, unattended:\n  eso-bootstrap init --yes \\\n    --vault homelab \\\n    --git push\n',
    )
  })

  test('claims to be verified only when it is', () => {
    const verdicts = ['configured', 'unchanged', 'prepared', 'planned', 'failed'] as const
    for (const verdict of verdicts) expect(renderResult(report({ verdict }), undefined, style)).not.toMatch(/Verified|Ready/)
    expect(renderResult(report({ verdict: 'verified' }), undefined, style)).toBe(
      '✔ Verified: a value from 1Password arrived in a Kubernetes Secret.\n',
    )
  })
})

import { describe, expect, test } from 'vitest'
import { parseRotation } from '../../src/rotation-inputs.ts'
import type { Old } from '../../src/steps/rotation/revoke.ts'
import type { RotationReport } from '../../src/terminal/rotation-report.ts'
import { nextOfRotation, renderRotation } from '../../src/terminal/rotation-result.ts'
import { style } from './fixture.ts'

type Cluster = RotationReport['clusters'][number]
type Step = Cluster['steps'][number]

const error = { id: 'some-failure', what: 'It failed.', why: 'Because.', fix: ['do this'] }
const inputs = parseRotation('rotate-token', { mint: true, yes: true }, { env: {}, cwd: '/' })
const changes: Step['changes'] = [{ action: 'update', what: 'the Secret' }]
const step = (id: string, state: Step['state']): Step => ({ id, title: `the ${id}`, state, says: '', notes: [], changes })
const cluster = (context: string, verdict: Cluster['verdict'], steps: Step[] = [], errors: Cluster['errors'] = []): Cluster => ({
  ...{ cluster: { context, server: `https://${context}` }, verdict, steps, errors },
})
const report = (more: Partial<RotationReport>): RotationReport => ({
  ...{ schemaVersion: 1, command: 'rotate-token', verdict: 'failed', exitCode: 3, clusters: [], replaced: [], errors: [], next: [] },
  ...more,
})
const rendered = (more: Partial<RotationReport>) => renderRotation(report(more), inputs, false, { ...style, columns: 80 })
const old: Old = { id: 'qwertyuiopasdfghjklzxcvbnm', server: 'sandbox', expires: new Date('2027-02-23') }

describe('what a person reads at the end', () => {
  test('of several clusters: the error with its cluster, what stands there, and a table', () => {
    const clusters = [
      cluster('home', 'rotated', [step('token', 'made')]),
      cluster('cabin', 'restored', [step('token', 'undone')], [error]),
      cluster('attic', 'not-reached'),
    ]
    expect(rendered({ clusters, exitCode: 5 })).toBe(`cabin
✖ It failed.
  Because.
  → do this
  The old token is back in the Secret, and the stores have been asked to go on
  with it.

  home   rotated
  cabin  failed; the old one is back
  attic  not begun
`)
  })

  test.each<[string, Cluster, string]>([
    [
      'both went back',
      cluster('home', 'restored', [step('credentials', 'undone'), step('token', 'undone')], [error]),
      'The old credentials and the old token are back',
    ],
    ['nothing was written', cluster('home', 'restored', [step('mint', 'undone')], [error]), 'Taken back: the mint.'],
    ['it was stopped before', cluster('home', 'blocked', [], [error]), 'Nothing was changed.'],
    [
      'it could not be taken back',
      cluster('home', 'failed', [step('token', 'not-undone')], [error]),
      'Could not be taken back: the token.',
    ],
  ])('%s', (_, one, says) => {
    expect(rendered({ clusters: [one] })).toContain(`  ${says}`)
  })

  test('the old one could not be deleted: the new one is in use all the same', () => {
    const text = rendered({ clusters: [cluster('home', 'rotated')], errors: [error], exitCode: 5, next: ['op connect token delete x'] })
    expect(text).toBe(`✖ It failed.
  Because.
  → do this
  The new one is in use, and proven: only the old one was not deleted.
  → op connect token delete x
`)
  })
})

describe('what is next', () => {
  const kept = (deleted: boolean) => ({ verdict: 'rotated' as const, replaced: [{ id: old.id ?? '', server: old.server, deleted }] })

  test.each<[string, Partial<RotationReport>, string[]]>([
    ['a plan', { verdict: 'planned' }, ['Run it again without --dry-run.']],
    ['the old one was deleted', kept(true), []],
    [
      'the old one is left',
      kept(false),
      [
        'The old token is still valid, until 2027-02-23. When nothing else uses it:',
        'op connect token delete qwertyuiopasdfghjklzxcvbnm --server sandbox',
      ],
    ],
    ['it was put back', { clusters: [cluster('home', 'restored', [], [error])] }, []],
    [
      'it could not be put back',
      { clusters: [cluster('home', 'failed', [], [error])] },
      ['Run the same command again: it sees what stands, and goes on from there.'],
    ],
    [
      'and the error says so itself',
      { clusters: [cluster('home', 'failed', [], [{ ...error, fix: ['Run the same command again once it answers.'] }])] },
      [],
    ],
  ])('%s', (_, more, next) => {
    const of = report(more)
    expect(nextOfRotation(of, of.replaced.length > 0 ? [old] : [])).toEqual(next)
  })
})

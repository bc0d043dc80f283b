import { expect, test } from 'vitest'
import type { PlannedStep } from '../../src/engine/plan.ts'
import { renderPlan } from '../../src/terminal/plan.ts'
import { style } from './fixture.ts'

const step = (more: Partial<PlannedStep>): PlannedStep => ({
  id: 'a',
  title: 'the a',
  state: 'pending',
  says: 'says',
  notes: [],
  changes: [],
  ...more,
})
const render = (...steps: Partial<PlannedStep>[]) => renderPlan({ steps: steps.map(step) }, style)

test('a sign for each way that a step can be', () => {
  expect(
    render(
      { state: 'already', says: 'it is so', notes: ['mind'] },
      { state: 'skipped', says: 'not wanted', notes: ['unseen'] },
      { state: 'blocked', says: 'told as an error' },
      {
        changes: [
          { action: 'create', what: 'new', note: 'because' },
          { action: 'update', what: 'other' },
          { action: 'act', what: 'wait' },
        ],
        notes: ['and this'],
      },
    ),
  ).toBe('  ✔ it is so\n      mind\n  – not wanted\n  + new\n      because\n  ~ other\n  ▸ wait\n      and this\n')
})

test('what goes along with other changes takes no line', () => {
  expect(render({ says: 'take the lock', notes: ['unseen'] })).toBe('\n')
})

test('a diff without its head, each line within the terminal', () => {
  const diff = `Index: a.yaml\n=====\n--- a.yaml\n+++ a.yaml\n@@ -1,2 +1,2 @@\n-old\n+${'x'.repeat(80)}\n same\n`
  const text = render({ changes: [{ action: 'update', what: 'a.yaml', diff }] })
  expect(text).toBe(`  ~ a.yaml\n      @@ -1,2 +1,2 @@\n      -old\n      +${'x'.repeat(52)}…\n       same\n`)
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(style.columns)
})

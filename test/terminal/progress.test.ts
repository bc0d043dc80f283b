import { expect, test } from 'vitest'
import type { Progress } from '../../src/engine/apply.ts'
import { showProgress } from '../../src/terminal/progress.ts'
import { listening } from './fixture.ts'

const of = { step: 'a', title: 'the a' }
const events: Progress[] = [
  { ...of, is: 'started' },
  { ...of, is: 'says', text: 'waiting' },
  { ...of, is: 'notes', text: 'a \u001b[31mpart\u001b[0m is\u0007 done' },
  { ...of, is: 'made', says: 'made it', notes: ['mind'] },
  { ...of, is: 'failed' },
  { ...of, is: 'undone' },
  { ...of, is: 'not-undone' },
]

test('where there is no terminal: a line for each end, no escape sequence, nothing of what comes from outside but its text', async () => {
  const { io, said } = listening()
  const view = await showProgress(io, { noColour: false, verbose: false })
  for (const event of events) view.on(event)
  view.stop()
  expect(said()).toBe(
    '    · a part is done\n  ✔ made it\n    mind\n  ✖ not reached: the a\n  ↶ taken back: the a\n  ✖ could not be taken back: the a\n',
  )
})

test('on a terminal: what was said stays, and the spinner is gone at the end', async () => {
  const { io, said } = listening(true)
  const view = await showProgress(io, { noColour: true, verbose: false })
  for (const event of events) view.on(event)
  view.stop()
  const size = said().length
  for (const text of ['a part is done', 'made it', 'mind', 'not reached: the a', 'taken back: the a']) expect(said()).toContain(text)
  expect(said()).not.toContain('\u0007')
  await new Promise((resolve) => setImmediate(resolve))
  expect(said()).toHaveLength(size)
})

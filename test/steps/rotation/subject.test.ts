import { expect, it } from 'vitest'
import { annotation } from '../../../src/steps/rotation/external-secrets.ts'
import { type Subject, subjectOf } from '../../../src/steps/rotation/subject.ts'
import { externalSecret } from './fixture.ts'

/** Ready, annotated so, and synchronised as this version. */
function state(annotated: string, syncedResourceVersion: string) {
  const conditions = [{ type: 'Ready', status: 'True' }]
  const object = externalSecret('a', {}, { syncedResourceVersion, refreshTime: '2026-01-01T00:00:05Z', conditions })
  return { ...object, metadata: { ...object.metadata, annotations: { [annotation]: annotated } } }
}

const endOf = (subject: Subject) => Promise.race([subject.ended, new Promise((resolve) => setImmediate(resolve, 'open'))])

it('is proven by what the watch says after the answer', async () => {
  const subject = subjectOf('run')
  subject.forced(state('run.1', 'old'))
  expect(await endOf(subject)).toBe('open')
  subject.see(state('run.1', 'new'))
  expect(await endOf(subject)).toBe('synced')
})

it('is proven too by what the watch said before the answer came, or missed', async () => {
  const fast = subjectOf('run')
  fast.see(state('run.1', 'new'))
  fast.forced(state('run.1', 'old'))
  expect(await endOf(fast)).toBe('synced')
  const missed = subjectOf('run')
  missed.forced(state('run.1', 'old'))
  missed.forced(state('run.2', 'new'))
  expect(await endOf(missed)).toBe('synced')
})

it('is not proven by what the watch says late of the time before', async () => {
  const subject = subjectOf('run')
  subject.see(state('', 'older'))
  subject.forced(state('run.1', 'old'))
  subject.see(state('another-run.1', 'older'))
  expect(await endOf(subject)).toBe('open')
})

it('has another value for each patch, and ends when it is gone', async () => {
  const subject = subjectOf('run')
  expect([subject.nextValue(), subject.nextValue()]).toEqual(['run.1', 'run.2'])
  subject.see(undefined)
  expect(await endOf(subject)).toBe('gone')
})

import { expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { arrival, every } from '../../src/steps/arrival.ts'

const signal = new AbortController().signal
const late = new Failure({ id: 'wait-deadline', exit: 'partly', what: 'late' })
const never = (stop: AbortSignal) =>
  new Promise<never>((_, reject) => stop.addEventListener('abort', () => reject(stop.reason), { once: true }))
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )
const found = "expected one 1Password ItemField matching: 'f' in 'item', got 0"

it('gives what arrives, and does nothing more after that', async () => {
  let arrive = (_: string) => {}
  const arrived = new Promise<string>((resolve) => {
    arrive = resolve
  })
  let again = 0
  const waiting = arrival(() => arrived, {
    signal,
    pauses: every(1),
    async look() {
      arrive('here')
      await new Promise((resolve) => setImmediate(resolve))
      return []
    },
    async again() {
      again += 1
    },
  })
  expect(await waiting).toBe('here')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(again).toBe(0)
})

it('ends with a known cause once its patience is over, and tries again until then', async () => {
  let again = 0
  const failure = await failureOf(
    arrival(never, {
      signal,
      pauses: every(700),
      look: async () => [found],
      again: async () => void again++,
    }),
  )
  expect(failure).toMatchObject({ id: 'field-not-found' })
  expect(again).toBe(2)
})

it('asks at the deadline whether the cause is known by then', async () => {
  const options = { signal, pauses: every(60_000) }
  expect(await failureOf(arrival(() => Promise.reject(late), { ...options, look: async () => [found] }))).toMatchObject({
    id: 'field-not-found',
  })
  expect(await failureOf(arrival(() => Promise.reject(late), { ...options, look: async () => ['something else'] }))).toBe(late)
})

it('ends with the reason of an abort, also of one that was before', async () => {
  const stop = new AbortController()
  const options = { signal: stop.signal, pauses: every(60_000), look: async () => [] }
  const waiting = failureOf(arrival(never, options))
  const reason = new Error('Ctrl-C')
  stop.abort(reason)
  expect(await waiting).toBe(reason)
  expect(await failureOf(arrival(never, options))).toBe(reason)
})

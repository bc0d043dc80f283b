import { expect, test } from 'vitest'
import { type Call, titleOf } from '../../commands/rotate/calls.ts'

/** Of each thing that can go wrong, a test for each of the calls that it can happen to. */
export interface Points {
  each(what: string, calls: readonly Call[], run: (call: Call) => Promise<void>): void
  /** The last test: prints how many points there were, which is how many calls there are. */
  count(there: { calls: readonly Call[]; says: string }): void
}

export function points(): Points {
  const passed = new Map<string, Set<string>>()
  const wanted = new Map<string, number>()
  return {
    each(what, calls, run) {
      const these = new Set<string>()
      passed.set(what, these)
      wanted.set(what, calls.length)
      test.each(calls.map((call) => [titleOf(call), call] as const))(`${what}: %s`, async (title, call) => {
        await run(call)
        these.add(title)
      })
    },
    count({ calls, says }) {
      test('there was a point for each call', () => {
        const sizes = [...passed].map(([what, { size }]) => `${what}: ${size}`)
        process.stdout.write(`${calls.length} ${says}. ${sizes.join('; ')}\n`)
        expect(Object.fromEntries([...passed].map(([what, { size }]) => [what, size]))).toEqual(Object.fromEntries(wanted))
        expect(Math.max(...wanted.values())).toBe(calls.length)
      })
    },
  }
}

import { expect } from 'vitest'
import { leaks } from './evidence.ts'
import type { Observed } from './observe.ts'

const isLinux = process.platform === 'linux'

/** It came as far as it should, everybody who watches has seen something, and nobody has seen a secret. */
export function expectNoLeak(observed: Observed, secrets: readonly string[], children: readonly ('git' | 'op')[] = ['git']): void {
  const watching = [...children.map((name) => `what ${name} was given`), ...(isLinux ? ['/proc, of ', 'strace, start of "/'] : [])]
  // What starts no other program is not seen to start one.
  for (const each of children.length > 0 ? watching : watching.filter((name) => !name.startsWith('strace')))
    expect(
      observed.evidence.some(({ where }) => where.startsWith(each)),
      `nothing from: ${each}`,
    ).toBe(true)
  expect(leaks(observed.evidence, secrets)).toEqual([])
}

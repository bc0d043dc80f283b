import { expect, it } from 'vitest'
import { atMost } from '../src/at-most.ts'

it('runs no more than so many at a time, in order, and goes on after one that fails', async () => {
  const few = atMost(2)
  const begun: number[] = []
  const ends: (() => void)[] = []
  let most = 0
  let running = 0
  const all = [0, 1, 2, 3, 4].map((nth) =>
    few(async () => {
      begun.push(nth)
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => ends.push(resolve))
      running--
      if (nth === 1) throw new Error('one')
      return nth
    }).catch((error: Error) => error.message),
  )
  for (let nth = 0; nth < 5; nth++) {
    await expect.poll(() => ends.length).toBeGreaterThan(nth)
    ends[nth]?.()
  }
  expect(await Promise.all(all)).toEqual([0, 'one', 2, 3, 4])
  expect([begun, most]).toEqual([[0, 1, 2, 3, 4], 2])
})

import type { Finding } from '../check.ts'

const most = 5

/** The first five, and how many more there are: nobody reads a hundred of a kind. */
export function fewest(findings: readonly Finding[], what: string): Finding[] {
  const [next] = findings.slice(most)
  if (next === undefined) return [...findings]
  return [...findings.slice(0, most), { ...next, about: `${findings.length - most} more ${what}`, why: 'The same is true of them.' }]
}

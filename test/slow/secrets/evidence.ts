import { findCanary } from '../../canary.ts'

/** Something that others could read: where it was, and what it said. */
export interface Evidence {
  where: string
  text: string
}

/** The places in which one of the secrets stands, as `where: number of the secret as encoding`; never the secret itself. */
export function leaks(evidence: readonly Evidence[], secrets: readonly string[]): string[] {
  return evidence.flatMap(({ where, text }) => findCanary(text, secrets).map((found) => `${where}: secret ${found}`))
}

/** What each exit code means; docs/reference/exit-codes.md is generated from this table. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  blocked: 3,
  refused: 4,
  partly: 5,
  busy: 6,
  pending: 10,
  interrupted: 130,
  terminated: 143,
} as const

export type Exit = keyof typeof exitCodes

export interface FailureText {
  /** Stable and kebab-case: `token-expired`. It stands in the JSON report, and people search for it. */
  id: string
  exit: Exit
  /** One sentence: what happened. */
  what: string
  /** Why it happened, or why it matters. */
  why?: string
  /** What to do about it: commands as they can be pasted, or sentences. */
  fix?: string | string[]
}

/**
 * The one error that is meant for people. Its texts are our own words: an upstream message may carry a request
 * body or an argument list, so it is never quoted whole (see upstream.ts).
 */
export class Failure extends Error {
  readonly id: string
  readonly exit: Exit
  readonly why: string | undefined
  readonly fix: readonly string[]

  constructor(text: FailureText) {
    super(text.what)
    this.name = 'Failure'
    this.id = text.id
    this.exit = text.exit
    this.why = text.why
    this.fix = [text.fix ?? []].flat()
  }
}

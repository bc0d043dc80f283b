import type { Exit } from '../failure.ts'
import type { Setting } from './remedies.ts'

/** What somebody says, and what is behind it. */
export interface Message {
  id: string
  /** As they are written; what differs from case to case is `…`. */
  texts: readonly string[]
  /** `found` is what stands in the place of each `…`. */
  what: string | ((found: readonly string[]) => string)
  why: string
  /** For a set-up of which something is known. */
  fix: readonly string[] | ((setting: Setting) => string[])
  exit?: Exit
  /** Milliseconds for which it may still heal by itself, where that isn't five seconds. */
  patience?: number
  /** What is wrong shows better in another object; who looks at both doesn't want to know. */
  elsewhere?: true
  /** Where the texts come from, or were seen. */
  source: string
}

import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import type { Check } from './check.ts'
import { checks } from './checks.ts'

/** The checks that are left when these are ignored. Throws a Failure for an id that no check has. */
export function withoutIgnored(ignored: readonly string[]): Check[] {
  const left = new Set(ignored.map(checkNamed))
  return checks.filter((each) => !left.has(each))
}

/** Throws a Failure for an id that no check has; it names the nearest ones. */
export function checkNamed(id: string): Check {
  const found = checks.find((each) => each.id === id)
  if (found !== undefined) return found
  const words = id.split('-')
  const near = checks.filter((each) => each.id.split('-').some((word) => words.includes(word))).map((each) => each.id)
  throw new Failure({
    id: 'check-unknown',
    exit: 'usage',
    what: `There is no check ${plain(id, 60)}.`,
    fix:
      near.length > 0 ? near.map((each) => `eso-bootstrap doctor --explain ${each}`) : 'eso-bootstrap doctor --verbose   (names them all)',
  })
}

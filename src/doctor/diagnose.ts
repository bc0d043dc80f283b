import { setTimeout as after } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { type Check, type Finding, isFinding, type NotSeen } from './check.ts'

/** What became of one check. */
export interface Result {
  check: Check
  is: 'true' | 'found' | 'skipped' | 'not-seen'
  /** Errors before warnings before advice. */
  findings: Finding[]
  /** What of it could not be looked at, or all of it. */
  notSeen: NotSeen[]
  /** The check that it was skipped for. */
  because?: string
}

/** A check and the world that it looks at. */
export interface Bound {
  check: Check
  look(): ReturnType<Check['look']>
}

interface How {
  /** Milliseconds that one check may take. */
  deadline: number
  signal: AbortSignal
}

/**
 * Runs all checks side by side; one that needs others waits for those, and is skipped where one of them found an error. What
 * can't be looked at, or not in time, is neither true nor found. Throws the signal's reason, and what isn't a Failure.
 */
export async function diagnose(bound: readonly Bound[], how: How): Promise<Result[]> {
  const running = new Map<string, Promise<Result>>()
  for (const { check, look } of bound) {
    const before = check.needs.flatMap((id) => running.get(id) ?? [])
    const result = Promise.all(before).then((needed): Result | Promise<Result> => {
      const because = needed.find(hasError) ?? needed.find(({ is }) => is === 'skipped')
      if (because === undefined) return looked({ check, look }, how)
      return { check, is: 'skipped', findings: [], notSeen: [], because: because.because ?? because.check.id }
    })
    running.set(check.id, result)
  }
  return Promise.all(running.values())
}

function hasError({ check, findings }: Result): boolean {
  return findings.some(({ severity = check.severity }) => severity === 'error')
}

async function looked({ check, look }: Bound, { deadline, signal }: How): Promise<Result> {
  const done = new AbortController()
  const late = after(deadline, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then((): readonly NotSeen[] => [
    { notSeen: check.title, why: `It took longer than ${deadline / 1000} s.` },
  ])
  try {
    const all: readonly (Finding | NotSeen)[] = await Promise.race([look(), late])
    const findings = all.filter(isFinding).map(readable)
    const notSeen = all.flatMap((each) => (isFinding(each) ? [] : [{ ...each, why: plain(each.why) }]))
    const rank = ({ severity = check.severity }: Finding) => ['error', 'warning', 'advice'].indexOf(severity)
    const is = findings.length > 0 ? 'found' : notSeen.length > 0 ? 'not-seen' : 'true'
    return { check, is, findings: distinct(findings).toSorted((a, b) => rank(a) - rank(b)), notSeen }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Failure)) throw error
    return { check, is: 'not-seen', findings: [], notSeen: [{ notSeen: check.title, why: error.message }] }
  } finally {
    done.abort()
    late.catch(() => {})
  }
}

/** Names and messages come from the cluster and from files. */
function readable(finding: Finding): Finding {
  return { ...finding, about: plain(finding.about), why: plain(finding.why), fix: finding.fix.map((each) => plain(each)) }
}

/** The same of the same object, seen in a file and in the cluster, is one; it keeps the place in the file. */
function distinct(findings: readonly Finding[]): Finding[] {
  const byText = new Map<string, Finding>()
  for (const each of findings) {
    const key = `${each.about}\n${each.why}`
    byText.set(key, { ...each, ...byText.get(key) })
  }
  return [...byText.values()]
}

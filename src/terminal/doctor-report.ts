import type { Check, Finding, Severity } from '../doctor/check.ts'
import type { Result } from '../doctor/diagnose.ts'
import type { Examination } from '../doctor/examine.ts'
import { exitCodes } from '../failure.ts'
import type { ErrorRecord } from './errors.ts'

export type DoctorVerdict = 'well' | 'partly' | 'warnings' | 'errors' | 'unseen'

/** What `-o json` prints. */
export interface DoctorReport {
  schemaVersion: 1
  command: 'doctor'
  verdict: DoctorVerdict | 'failed'
  exitCode: number
  /** ISO 8601. */
  at: string
  cluster?: Examination['cluster']
  repository?: Examination['repository']
  checks: CheckRecord[]
  /** What `--fix` did. */
  repairs?: RepairRecord[]
  errors: ErrorRecord[]
}

interface CheckRecord extends Pick<Check, 'id' | 'category' | 'title'>, Pick<Result, 'is' | 'because' | 'notSeen'> {
  /** Of its anchor in docs/checks.md. */
  page: string
  findings: (Pick<Finding, 'about' | 'why' | 'fix' | 'at'> & { severity: Severity; repair?: string })[]
}

export interface RepairRecord {
  check: string
  about: string
  says: string
  is: 'done' | 'declined' | 'failed'
  /** What was done, or why it wasn't. */
  outcome?: string
}

/** Where a check is explained. */
export function pageOf(id: string): string {
  return `https://github.com/eso-bootstrap/eso-bootstrap/blob/main/docs/checks.md#${id}`
}

export interface Told extends Finding {
  check: Check
  severity: Severity
}

/** All findings: errors and what may be behind them first, and of these what comes first in the way of a value. */
export function told({ results }: Pick<Examination, 'results'>): Told[] {
  const all = results.flatMap(({ check, findings }) =>
    findings.map((each) => ({ ...each, check, severity: each.severity ?? check.severity })),
  )
  const rank = ({ severity, check }: Told) =>
    severity === 'warning' && check.explains ? 0 : ['error', 'warning', 'advice'].indexOf(severity)
  return all.toSorted((a, b) => rank(a) - rank(b))
}

/** What was found, judged: of what could not be looked at it says nothing bad, unless nothing at all could be. */
export function judge(examination: Pick<Examination, 'results'>): { verdict: DoctorVerdict; exitCode: number } {
  const { results } = examination
  const severities = new Set(told(examination).map(({ severity }) => severity))
  if (severities.has('error')) return { verdict: 'errors', exitCode: exitCodes.blocked }
  if (results.every(({ is }) => is === 'not-seen' || is === 'skipped')) return { verdict: 'unseen', exitCode: exitCodes.blocked }
  if (severities.has('warning')) return { verdict: 'warnings', exitCode: exitCodes.done }
  return { verdict: results.some(({ notSeen }) => notSeen.length > 0) ? 'partly' : 'well', exitCode: exitCodes.done }
}

export function doctorReport(examination: Examination, repairs?: RepairRecord[]): DoctorReport {
  const { at, results, ...where } = examination
  const failed = repairs?.some(({ is }) => is === 'failed')
  const judged = judge(examination)
  return {
    ...{ schemaVersion: 1, command: 'doctor', ...judged },
    ...(failed && { exitCode: exitCodes.partly }),
    at: at.toISOString(),
    ...where,
    checks: results.map(recordOf),
    ...(repairs && { repairs }),
    errors: [],
  }
}

function recordOf({ check, is, because, findings, notSeen }: Result): CheckRecord {
  const { id, category, title } = check
  return {
    ...{ id, category, title, is },
    ...(because !== undefined && { because }),
    page: pageOf(id),
    findings: findings.map(({ repair, severity = check.severity, ...rest }) => ({
      ...rest,
      severity,
      ...(repair && { repair: repair.says }),
    })),
    notSeen,
  }
}

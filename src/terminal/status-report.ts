import { exitCodes } from '../failure.ts'
import type { Status } from '../status/collect.ts'
import type { Problem, Unseen } from '../status/found.ts'
import type { ErrorRecord } from './errors.ts'

export type StatusVerdict = 'healthy' | 'partly' | 'unhealthy' | 'unseen'

/** What `-o json` prints. */
export interface StatusReport extends Partial<Omit<Status, 'at' | 'problems' | 'unseen'>> {
  schemaVersion: 1
  command: 'status'
  verdict: StatusVerdict | 'failed'
  exitCode: number
  /** ISO 8601. */
  at: string
  problems: Problem[]
  unseen: Omit<Unseen, 'exit'>[]
  /** Path of the file that `--write` wrote, from the top of the repository. */
  written?: string
  errors: ErrorRecord[]
}

/** What was seen, judged: of what could not be looked at it says nothing bad, unless nothing at all could be. */
export function judge(status: Status): { verdict: StatusVerdict; exitCode: number } {
  const { flux, operator, connect, stores, tokens, externalSecrets, problems, unseen } = status
  if (problems.some(({ severity }) => severity === 'broken')) return { verdict: 'unhealthy', exitCode: exitCodes.blocked }
  const [first] = unseen
  if (first === undefined) return { verdict: 'healthy', exitCode: exitCodes.done }
  const isBlind = [flux, operator, connect, stores, tokens, externalSecrets].every((each) => each === undefined)
  if (!isBlind) return { verdict: 'partly', exitCode: exitCodes.done }
  const isRefused = unseen.some(({ exit }) => exit === 'refused')
  return { verdict: 'unseen', exitCode: isRefused ? exitCodes.refused : exitCodes.blocked }
}

export function statusReport(status: Status, written: string | undefined): StatusReport {
  const { at, problems, unseen, ...seen } = status
  return {
    ...{ schemaVersion: 1, command: 'status', ...judge(status), at: at.toISOString() },
    ...seen,
    problems,
    unseen: unseen.map(({ exit: _, ...each }) => each),
    ...(written !== undefined && { written }),
    errors: [],
  }
}

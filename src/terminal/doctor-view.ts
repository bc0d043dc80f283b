import type { Check } from '../doctor/check.ts'
import type { Examination } from '../doctor/examine.ts'
import type { DoctorInputs } from '../doctor-inputs.ts'
import type { RawOptions } from '../raw-options.ts'
import { renderDiff } from './diff.ts'
import { annotations } from './doctor-github.ts'
import { type DoctorReport, doctorReport, type RepairRecord, told } from './doctor-report.ts'
import { sarifOf } from './doctor-sarif.ts'
import { renderExamination, renderExplanation } from './doctor-screen.ts'
import { exitCodeOf, recordOf, renderError } from './errors.ts'
import { type Io, wantsJson } from './io.ts'
import { styleOf, wrap } from './style.ts'

/** What `doctor` shows: the result on standard output, and on standard error what it does while it mends. */
export interface DoctorView {
  /** Gives the exit code. */
  shown(examination: Examination, how: Pick<DoctorInputs, 'output' | 'verbose'>, repairs?: RepairRecord[]): number
  explained(check: Check): number
  /** A repair that is about to be asked for, with what it changes. */
  proposed(repair: { about: string; says: string; diff?: string }): void
  /** What became of it. */
  repaired(record: RepairRecord): void
  failed(error: unknown): number
}

export function openDoctorView(io: Io, raw: RawOptions): DoctorView {
  const json = wantsJson(io, raw)
  const noColour = raw['no-color'] === true
  const out = styleOf(io, io.stdout, noColour)
  const err = styleOf(io, io.stderr, noColour)
  const print = (document: DoctorReport | object) => io.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  return {
    shown(examination, { output, verbose }, repairs) {
      const report = doctorReport(examination, repairs)
      if (output === 'json') print(report)
      else if (output === 'sarif') print(sarifOf(examination))
      else if (output === 'github') io.stdout.write(annotations(told(examination)))
      else io.stdout.write(renderExamination(examination, { io, style: out, verbose }))
      return report.exitCode
    },
    explained(check) {
      io.stdout.write(renderExplanation(check, out))
      return 0
    },
    proposed({ about, says, diff }) {
      if (json) return
      const changes = diff === undefined ? [] : renderDiff(diff, err)
      io.stderr.write(`${[`${err.colour.yellow('~')} ${about}`, wrap(says, err.columns, '  '), ...changes].join('\n')}\n`)
    },
    repaired({ is, outcome = '' }) {
      if (json || is === 'declined') return
      const sign = is === 'done' ? err.colour.green('✔') : err.colour.red('✖')
      io.stderr.write(`${sign} ${wrap(outcome, err.columns - 2).replaceAll('\n', '\n  ')}\n\n`)
    },
    failed(error) {
      const exitCode = exitCodeOf(error)
      if (json) {
        const nothing = { checks: [], errors: [recordOf(error)] }
        print({ schemaVersion: 1, command: 'doctor', verdict: 'failed', exitCode, at: io.now().toISOString(), ...nothing })
      } else io.stderr.write(renderError(error, err, raw.verbose === true))
      return exitCode
    },
  }
}

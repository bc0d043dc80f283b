import type { RawOptions } from '../raw-options.ts'
import type { Telling } from '../steps/verify/prove.ts'
import type { Verification } from '../steps/verify/verification.ts'
import { plain } from '../text/plain.ts'
import type { VerifyInputs } from '../verify-inputs.ts'
import { exitCodeOf, renderError } from './errors.ts'
import { type Io, wantsJson } from './io.ts'
import { showProgress } from './progress.ts'
import { styleOf } from './style.ts'
import { equivalentVerification } from './verify-equivalent.ts'
import { nothingVerified, type VerifyReport, verifyReport } from './verify-report.ts'
import { renderVerification } from './verify-result.ts'

/** What a verification shows: text while it works on standard error, the result on standard output; or one JSON document there. */
export interface VerifyView {
  /** Which cluster: before anything is asked. */
  begin(cluster: Verification['cluster']): void
  progress(): Promise<Telling & { failed(): void; stop(): void }>
  /** `guided`: a person was asked, and is told what does the same without. */
  finished(inputs: VerifyInputs, done: Verification, guided: boolean): number
  failed(error: unknown): number
}

export function openVerifyView(io: Io, raw: RawOptions): VerifyView {
  const json = wantsJson(io, raw)
  const noColour = raw['no-color'] === true
  const verbose = raw.verbose === true
  const print = (report: VerifyReport) => io.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  return {
    begin({ context, server }) {
      if (!json) io.stderr.write(`  cluster     ${plain(context)}  ${plain(server)}\n`)
    },
    async progress() {
      const shown = json ? { on: () => {}, stop: () => {} } : await showProgress(io, { noColour, verbose })
      let step = { step: '', title: '' }
      return {
        begin(title) {
          step = { step: title, title }
          shown.on({ ...step, is: 'started' })
        },
        say: (text) => shown.on({ ...step, is: 'says', text }),
        note: (text) => shown.on({ ...step, is: 'notes', text }),
        done: (says) => shown.on({ ...step, is: 'made', says, notes: [] }),
        failed: () => shown.on({ ...step, is: 'failed' }),
        stop: shown.stop,
      }
    },
    finished(inputs, done, guided) {
      const report = verifyReport(done)
      if (json) print(report)
      else if (report.verdict === 'failed') io.stderr.write(`\n${renderVerification(report, styleOf(io, io.stderr, noColour))}`)
      else {
        const again = guided ? `\nThe same, unattended:\n  ${equivalentVerification(inputs, done.item)}\n` : ''
        io.stdout.write(`\n${renderVerification(report, styleOf(io, io.stdout, noColour))}${again}`)
      }
      return report.exitCode
    },
    failed(error) {
      if (json) print(nothingVerified(error))
      else io.stderr.write(renderError(error, styleOf(io, io.stderr, noColour), verbose))
      return exitCodeOf(error)
    },
  }
}

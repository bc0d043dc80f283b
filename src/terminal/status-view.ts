import type { RawOptions } from '../raw-options.ts'
import type { Status } from '../status/collect.ts'
import { exitCodeOf, recordOf, renderError } from './errors.ts'
import { type Io, mayStyle, wantsJson } from './io.ts'
import { type StatusReport, statusReport } from './status-report.ts'
import { renderShort, renderStatus } from './status-screen.ts'
import { styleOf } from './style.ts'

/** What `status` shows, on standard output: a screen, a few lines for a chat, or one JSON document. */
export interface StatusView {
  /** Gives the exit code; `written` is the file of `--write`. */
  shown(status: Status, how: { short: boolean; written?: string }): number
  /** Shows each state in the place of the one before; where that can't be, each below the other. `end` leaves the last one there. */
  live(how: { short: boolean }): { show(status: Status): void; end(): void }
  failed(error: unknown): number
}

export function openStatusView(io: Io, raw: RawOptions): StatusView {
  const json = wantsJson(io, raw)
  const noColour = raw['no-color'] === true
  const out = styleOf(io, io.stdout, noColour)
  const text = (status: Status, short: boolean) => (short ? renderShort(status) : renderStatus(status, io, out))
  const print = (document: StatusReport) => io.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  return {
    shown(status, { short, written }) {
      const report = statusReport(status, written)
      if (json) print(report)
      else io.stdout.write(text(status, short))
      if (written !== undefined && !json) io.stderr.write(`Written: ${written}\n`)
      return report.exitCode
    },
    live({ short }) {
      const redraws = mayStyle(io, io.stdout, noColour)
      let last = ''
      let begun = false
      return {
        show(status) {
          last = text(status, short)
          if (redraws) io.stdout.write(`${begun ? '' : enter}${home}${last.replaceAll('\n', `${clearLine}\n`)}${clearBelow}`)
          else io.stdout.write(`${begun ? '\n' : ''}${status.at.toISOString()}\n${last}`)
          begun = true
        },
        end() {
          if (redraws && begun) io.stdout.write(`${leave}${last}`)
        },
      }
    },
    failed(error) {
      const exitCode = exitCodeOf(error)
      if (json) {
        const nothing = { problems: [], unseen: [], errors: [recordOf(error)] }
        print({ schemaVersion: 1, command: 'status', verdict: 'failed', exitCode, at: io.now().toISOString(), ...nothing })
      } else io.stderr.write(renderError(error, styleOf(io, io.stderr, noColour), raw.verbose === true))
      return exitCode
    },
  }
}

/** The alternate screen and back: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html */
const enter = '\x1b[?1049h'
const leave = '\x1b[?1049l'
const home = '\x1b[H'
const clearLine = '\x1b[K'
const clearBelow = '\x1b[J'

import { exitCodes, Failure } from '../failure.ts'
import type { Io } from './io.ts'
import { type Style, styleOf, wrap } from './style.ts'

/** An error as it stands in the JSON report. */
export interface ErrorRecord {
  id: string
  what: string
  why?: string
  fix: readonly string[]
}

/** Our own words for any error: of one that isn't a Failure only the class is told, as its message may hold anything. */
export function recordOf(error: unknown): ErrorRecord {
  if (error instanceof Failure) {
    return { id: error.id, what: error.message, ...(error.why === undefined ? {} : { why: error.why }), fix: error.fix }
  }
  const kind = error instanceof Error ? error.constructor.name : typeof error
  return {
    id: 'unexpected',
    what: `Something went wrong that eso-bootstrap does not know (${kind}).`,
    why: 'This is a mistake in eso-bootstrap. Its message is not shown because it may hold a secret.',
    fix: ['Run the same command with --verbose and report where it happened: https://github.com/eso-bootstrap/eso-bootstrap/issues'],
  }
}

export function exitCodeOf(error: unknown): number {
  return error instanceof Failure ? exitCodes[error.exit] : exitCodes.unexpected
}

/** What happened, why, and what to do, for a person. */
export function renderRecord({ what, why, fix }: ErrorRecord, style: Style): string {
  const lines = [style.colour.red(wrap(`✖ ${what}`, style.columns).replaceAll('\n', '\n  '))]
  if (why !== undefined) lines.push(wrap(why, style.columns, '  '))
  for (const each of fix) lines.push(`  ${style.colour.cyan('→')} ${each}`)
  return lines.join('\n')
}

/** An error on its way to the screen; with `verbose`, where an unexpected one happened. */
export function renderError(error: unknown, style: Style, verbose = false): string {
  const traced = verbose && error instanceof Error && !(error instanceof Failure)
  return `${renderRecord(recordOf(error), style)}\n${traced ? `${style.colour.dim(frames(error))}\n` : ''}`
}

/** Where it happened, without the message that a stack begins with. */
function frames(error: Error): string {
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')
}

/** Prints an error that reached the top of a command line, and gives its exit code. */
export function reportError(error: unknown, io: Io, argv: readonly string[] = []): number {
  const verbose = argv.includes('--verbose') || argv.includes('-v')
  io.stderr.write(renderError(error, styleOf(io, io.stderr, argv.includes('--no-color')), verbose))
  return exitCodeOf(error)
}

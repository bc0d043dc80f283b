import type { Progress } from '../engine/apply.ts'
import { plain } from '../text/plain.ts'
import { type Io, mayStyle } from './io.ts'
import { type Style, styleOf, wrap } from './style.ts'

/** Shows a walk as it goes: a spinner where the terminal can, one line a step where it can't. */
export interface ProgressView {
  on(event: Progress): void
  stop(): void
}

/** A spinner is all escape sequences: where they aren't wanted, and with `verbose`, what is told stays as lines. */
export async function showProgress(io: Io, { noColour, verbose }: { noColour: boolean; verbose: boolean }): Promise<ProgressView> {
  const style = styleOf(io, io.stderr, noColour)
  return mayStyle(io, io.stderr, noColour) && !verbose ? spinner(io, style) : lines(io, style, verbose)
}

/** What a finished step says, with the sign that tells how it ended. */
function ended(event: Progress, { colour }: Style): { sign: string; text: string } | undefined {
  switch (event.is) {
    case 'made':
      return { sign: colour.green('✔'), text: event.says }
    case 'failed':
      return { sign: colour.red('✖'), text: `not reached: ${event.title}` }
    case 'undone':
      return { sign: colour.yellow('↶'), text: `taken back: ${event.title}` }
    case 'not-undone':
      return { sign: colour.red('✖'), text: `could not be taken back: ${event.title}` }
    default:
      return undefined
  }
}

/** Broken between words, so that it stays behind its sign. */
function hang(text: string, { columns }: Style): string {
  return wrap(text, columns - 4).replaceAll('\n', '\n    ')
}

function lines(io: Io, style: Style, verbose: boolean): ProgressView {
  return {
    on(event) {
      const end = ended(event, style)
      if (end !== undefined) io.stderr.write(`  ${end.sign} ${hang(end.text, style)}\n`)
      if (event.is === 'made') for (const note of event.notes) io.stderr.write(`    ${note}\n`)
      if (event.is === 'notes' || (event.is === 'says' && verbose)) io.stderr.write(`    ${style.colour.dim('·')} ${plain(event.text)}\n`)
    },
    stop() {},
  }
}

async function spinner(io: Io, style: Style): Promise<ProgressView> {
  const { default: ora } = await import('ora')
  const turning = ora({ stream: io.stderr as NodeJS.WriteStream, prefixText: ' ', discardStdin: false, hideCursor: true })
  let started = Date.now()
  const clock = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000)
    if (seconds >= 3) turning.suffixText = style.colour.dim(`${seconds} s`)
  }, 1_000).unref()
  const noted = (text: string) => {
    const waiting = turning.text
    turning.stopAndPersist({ symbol: style.colour.dim('·'), text: plain(text), suffixText: '' })
    turning.start(waiting)
  }
  return {
    on(event) {
      const end = ended(event, style)
      if (end !== undefined) turning.stopAndPersist({ symbol: end.sign, text: hang(end.text, style), suffixText: '' })
      else if (event.is === 'started') {
        started = Date.now()
        turning.suffixText = ''
        turning.start(event.title)
      } else if (event.is === 'says') turning.text = plain(event.text, style.columns - 14)
      else if (event.is === 'notes') noted(event.text)
      if (event.is === 'made') for (const note of event.notes) io.stderr.write(`    ${note}\n`)
    },
    stop() {
      clearInterval(clock)
      turning.stop()
    },
  }
}

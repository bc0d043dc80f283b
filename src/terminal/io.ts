import { homedir } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import type { Environment } from '../child.ts'

/** All that a command may touch of the world around the process. Tests and `demo` hand in their own. */
export interface Io {
  env: Environment
  cwd: string
  home: string
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean; columns?: number }
  stderr: Writable & { isTTY?: boolean; columns?: number }
  now(): Date
  /** Calls back on SIGINT and SIGTERM until the returned function is called. */
  onSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void
  /** Ends the process at once: only for a second Ctrl-C. */
  exit(code: number): void
}

/** The process's own. From now on nothing that goes wrong prints a message that isn't ours. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', withoutReader)
  const io: Io = {
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => new Date(),
    onSignal(listener) {
      process.on('SIGINT', listener).on('SIGTERM', listener)
      return () => process.off('SIGINT', listener).off('SIGTERM', listener)
    },
    exit: (code) => process.exit(code),
  }
  process.on('uncaughtException', async (error) => {
    const { reportError } = await import('./errors.ts')
    process.exit(reportError(error, io, process.argv))
  })
  return io
}

/** Who reads our output may go, as `head` does, or a terminal that is closed: what is done goes on without them. */
function withoutReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}

/** A person can be asked: both ends are terminals, and nothing says that this is automation. */
export function canAsk(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true && !isOn(io.env['CI']) && io.env['TERM'] !== 'dumb'
}

/** Escape sequences may be written to this stream: https://no-color.org */
export function mayStyle(io: Io, stream: { isTTY?: boolean }, noColour: boolean): boolean {
  return stream.isTTY === true && !noColour && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb'
}

/** How a switch is set through the environment: `1`, `true`, `yes`, `on`. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && /^(1|true|yes|on)$/i.test(value.trim())
}

/** All of standard input, as text. */
export async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** One JSON document is asked for: views have to know it before the options are checked, so that this can't fail. */
export function wantsJson({ env }: Pick<Io, 'env'>, { output = env['ESO_BOOTSTRAP_OUTPUT'] }: { output?: unknown }): boolean {
  return output === 'json'
}

import { PassThrough, Readable, Writable } from 'node:stream'
import type { Environment } from '../../src/child.ts'
import { main } from '../../src/cli.ts'
import type { Io } from '../../src/terminal/io.ts'

export interface RunOptions {
  /** The whole environment; only PATH is ours unless given. */
  env?: Environment
  cwd?: string
  home?: string
  /** What standard input holds; empty unless given. */
  stdin?: string
  /** Standard input and both outputs are a terminal of this width, and what is typed comes from `type`. */
  columns?: number
  now?: () => Date
}

export interface Ended {
  code: number
  stdout: string
  stderr: string
  /** The one document of `-o json`; throws if standard output isn't one. */
  json(): { exitCode: number; verdict: string; errors: { id: string; what: string; why?: string; fix: string[] }[]; [key: string]: unknown }
}

export interface Running {
  /** What stands on standard error and output so far. */
  screen(): string
  type(text: string): void
  signal(name: 'SIGINT' | 'SIGTERM'): void
  ended: Promise<Ended>
}

/** Runs a whole command line in this process, in a world of its own. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(argv, options).ended
}

/** The same for a run that is typed to, looked at, or interrupted while it goes on. */
export function start(argv: readonly string[], options: RunOptions = {}): Running {
  const isTerminal = options.columns !== undefined
  const stdout = captured(options.columns)
  const stderr = captured(options.columns)
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => keyboard })
  const listeners = new Set<(name: 'SIGINT' | 'SIGTERM') => void>()
  const io: Io = {
    env: options.env ?? environment(),
    cwd: options.cwd ?? '/',
    home: options.home ?? '/nonexistent',
    stdin: isTerminal ? keyboard : Readable.from(options.stdin === undefined ? [] : [options.stdin]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    now: options.now ?? (() => new Date()),
    onSignal(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    exit: (code) => {
      throw new Error(`the process would have ended with ${code}`)
    },
  }
  return {
    screen: () => stderr.text() + stdout.text(),
    type: (text) => void keyboard.write(text),
    signal: (name) => {
      for (const listener of listeners) listener(name)
    },
    ended: main(argv, io).then((code) => ({
      code,
      stdout: stdout.text(),
      stderr: stderr.text(),
      json: () => JSON.parse(stdout.text()),
    })),
  }
}

/** An environment that owes nothing to the machine but where programs are; git reads no configuration of anybody's. */
export function environment(more: Environment = {}): Environment {
  return { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...more }
}

function captured(columns: number | undefined) {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk)
      done()
    },
  })
  // A prompt ends what it pipes into, and a process's own streams don't end by that.
  const terminal = columns === undefined ? {} : { isTTY: true, columns, rows: 40, end: () => stream }
  return { stream: Object.assign(stream, terminal), text: () => Buffer.concat(chunks).toString() }
}

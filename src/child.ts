import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { Failure } from './failure.ts'
import { plain } from './text/plain.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Child {
  code: number
  stdout: string
  stderr: string
}

export interface ChildOptions {
  env: Environment
  /** Milliseconds until the child and all it started are killed. */
  deadline: number
  cwd?: string
  /** What it reads from standard input; without it standard input is empty, so that it cannot wait for a person. */
  input?: string
  /** An open descriptor that is its standard input, in the place of `input`. */
  stdin?: number
  /** Give it the terminal's standard input and error: for commands that ask a person (git signing, `op` sign-in). */
  terminal?: boolean
  signal?: AbortSignal | undefined
}

/** Ours, or mistaken by `op` for its own settings: OP_CONNECT_* would send it to Connect instead of the account. */
const scrubbed = /^(OP_CONNECT_.*|OP_SESSION|OP_CREDENTIALS_FILE|ESO_BOOTSTRAP_.*)$/

/** The environment that children get: all of ours but what may hold a secret or mislead them. */
export function childEnvironment(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !scrubbed.test(entry[0]))
  return Object.fromEntries(kept)
}

/**
 * Runs a program without a shell, in a process group of its own so that the deadline and the signal end its children too.
 * Any exit code is an answer. Throws a Failure `command-missing` or `command-deadline`, or the signal's reason.
 */
export async function run(command: string, args: readonly string[], options: ChildOptions): Promise<Child> {
  options.signal?.throwIfAborted()
  const inTerminal = options.terminal === true
  const subprocess = execa(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: childEnvironment(options.env),
    extendEnv: false,
    ...(inTerminal ? { stdin: 'inherit' as const, stderr: ['inherit' as const, 'pipe' as const] } : inputOf(options)),
    reject: false,
    stripFinalNewline: false,
    // A terminal's child must stay in the terminal's foreground group, or it is stopped as soon as it asks.
    detached: !inTerminal,
    maxBuffer: 64 * 1024 * 1024,
  })
  const end = (signal: NodeJS.Signals) => {
    if (subprocess.pid === undefined) return
    try {
      process.kill(inTerminal ? subprocess.pid : -subprocess.pid, signal)
    } catch {
      // It has ended by itself.
    }
  }
  // execa waits for every holder of stdout, also a grandchild that outlives the kill; this does not.
  let timer: NodeJS.Timeout | undefined
  let onAbort = () => {}
  const stopped = new Promise<'deadline' | 'aborted'>((resolve) => {
    timer = setTimeout(() => resolve('deadline'), options.deadline)
    onAbort = () => resolve('aborted')
    options.signal?.addEventListener('abort', onAbort, { once: true })
  })
  try {
    const ended = await Promise.race([subprocess, stopped])
    if (ended === 'deadline' || ended === 'aborted') {
      end('SIGKILL')
      // A grandchild that left the group may hold them open, and this process with them.
      subprocess.stdout?.destroy()
      subprocess.stderr?.destroy()
      if (ended === 'aborted') throw options.signal?.reason
      throw new Failure({
        id: 'command-deadline',
        exit: 'blocked',
        what: `${command} ${args[0] ?? ''} did not end within ${Math.round(options.deadline / 1000)} s.`,
      })
    }
    if (ended.code === 'ENOENT' && options.cwd !== undefined && !existsSync(options.cwd)) {
      throw new Failure({ id: 'folder-gone', exit: 'blocked', what: `The folder ${plain(options.cwd)} does not exist.` })
    }
    if (ended.code === 'ENOENT') {
      throw new Failure({ id: 'command-missing', exit: 'blocked', what: `The command ${command} was not found.` })
    }
    return { code: ended.exitCode ?? 1, stdout: String(ended.stdout ?? ''), stderr: String(ended.stderr ?? '') }
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', onAbort)
  }
}

function inputOf({ stdin, input = '' }: ChildOptions): { stdin: 0 } | { input: string } {
  // execa takes every descriptor, its types only the first ten.
  return stdin === undefined ? { input } : { stdin: stdin as 0 }
}

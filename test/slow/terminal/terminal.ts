import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import { createScreen } from './screen.ts'

export interface TerminalOptions {
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  columns?: number
  rows?: number
  /** What standard input is: the terminal too unless given. */
  stdin?: 'terminal' | 'null' | 'open'
}

interface Left {
  code: number | null
  signal: number | null
  /** What is typed is shown again, and handed on line by line: the terminal is as it was. */
  echo: boolean
  canonical: boolean
}

export interface Terminal {
  pid: Promise<number>
  /** All that ever stood on the screen, the scrolled-off lines first. */
  text(): string
  /** The same as bytes, in the order in which they came. */
  bytes(): string
  /** Lines that were longer than the terminal is wide. */
  broken(): string[]
  /** How the terminal differs from a fresh one. */
  modes(): string[]
  /** Waits until a question that begins so is the last thing on the screen. */
  asks(question: string): Promise<void>
  /** Waits until the text came, at any place, after all that was seen before. */
  sees(text: string): Promise<void>
  type(text: string): void
  /** Types an answer to the question and Enter. */
  answers(question: string, answer: string): Promise<void>
  signal(name: NodeJS.Signals): Promise<void>
  ended: Promise<Left>
}

export const keys = { enter: '\r', interrupt: '\x03', endOfFile: '\x04', reveal: '\x14', space: ' ', down: '\x1b[B', erase: '\x15' }

const driver = new URL('in_terminal.py', import.meta.url).pathname
const patience = 15_000

/** Runs a command in a real pseudo-terminal, until the test ends at the latest. Throws a sentence about Python where there is none. */
export function openTerminal(command: readonly string[], options: TerminalOptions): Terminal {
  const { columns = 80, rows = 24, stdin = 'terminal', env, cwd } = options
  const args = [driver, String(columns), String(rows), stdin, ...command]
  const child = spawn('python3', args, { cwd, env: env as NodeJS.ProcessEnv, stdio: ['pipe', 'pipe', 'inherit', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const screen = createScreen(columns, rows)
  let bytes = ''
  let seen = 0
  const decoder = new TextDecoder()
  const listeners = new Set<() => void>()
  child.stdout?.on('data', (chunk: Buffer) => {
    const text = decoder.decode(chunk, { stream: true })
    bytes += text
    screen.write(text)
    for (const listener of listeners) listener()
  })

  const { pid, ended } = reports(child)
  const until = async (what: string, isThere: () => boolean) => {
    if (isThere()) return
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (isThere()) resolve()
      }
      const fail = () => reject(new Error(`never seen: ${what}\n${screen.lines().join('\n')}`))
      const timer = setTimeout(fail, patience)
      timer.unref()
      listeners.add(check)
      void ended.then(() => (isThere() ? resolve() : fail()), reject)
    })
    listeners.clear()
  }
  const asks = (question: string) => until(`? ${question}`, () => lastQuestion(screen.lines()).startsWith(`? ${question}`))
  const type = (text: string) => {
    seen = stripVTControlCharacters(bytes).length
    child.stdin?.write(text)
  }
  return {
    ...{ pid, ended, asks, type },
    text: () => screen.lines().join('\n'),
    bytes: () => bytes,
    broken: screen.broken,
    modes: screen.modes,
    sees: (text) => until(text, () => stripVTControlCharacters(bytes).slice(seen).includes(text)),
    async answers(question, answer) {
      await asks(question)
      type(answer + keys.enter)
    },
    async signal(name) {
      process.kill(await pid, name)
    },
  }
}

/** The question that waits for an answer: an answered one begins with a tick. */
function lastQuestion(lines: readonly string[]): string {
  return lines.findLast((line) => /^[?✔] /.test(line)) ?? ''
}

function reports(child: ChildProcess): { pid: Promise<number>; ended: Promise<Left> } {
  const lines = createInterface(child.stdio[3] as Readable)
  const pid = once(lines, 'line').then(([line]) => JSON.parse(line).pid as number)
  let last = ''
  lines.on('line', (line) => {
    last = line
  })
  const ended = new Promise<Left>((resolve, reject) => {
    child.once('error', () => reject(new Error('These tests need python3 (its standard library only) for a pseudo-terminal: install it.')))
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(last))
      else reject(new Error(`the driver of the pseudo-terminal ended with ${code}`))
    })
  })
  return { pid, ended }
}

import { clearLine, cursorTo, moveCursor } from 'node:readline'
import { PassThrough } from 'node:stream'
import { Chalk } from 'chalk'
import type { Inputs } from '../../src/inputs.ts'
import type { Io } from '../../src/terminal/io.ts'
import type { Style } from '../../src/terminal/style.ts'

export const style: Style = { colour: new Chalk({ level: 0 }), columns: 60 }

/** As they are when `init` is given nothing but what it must be given. */
export const inputs: Inputs = {
  repo: '/home/robin/clone',
  vaults: [{ key: 'homelab', order: 1 }],
  credentials: { kind: 'file', path: '/in/credentials.json' },
  token: { kind: 'env', name: 'TOKEN' },
  git: 'push',
  scaffold: false,
  offline: false,
  replace: false,
  takeOwnership: false,
  reconcile: true,
  wait: true,
  dryRun: false,
  detailedExitcode: false,
  timeout: 600_000,
  yes: true,
  noInput: false,
  output: 'human',
  verbose: false,
}

/** An Io whose standard error can be read. */
export function listening(terminal = false) {
  const stream = new PassThrough()
  const cursor = {
    cursorTo: (column: number) => cursorTo(stream, column),
    moveCursor: (columns: number, rows: number) => moveCursor(stream, columns, rows),
    clearLine: (way: -1 | 0 | 1) => clearLine(stream, way),
  }
  const stderr = Object.assign(stream, terminal ? { isTTY: true, columns: 60, rows: 40, ...cursor } : {})
  const chunks: Buffer[] = []
  stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const io: Io = {
    env: {},
    cwd: '/',
    home: '/home/ada',
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    now: () => new Date(),
    onSignal: () => () => {},
    exit: () => {},
  }
  return { io, said: () => Buffer.concat(chunks).toString() }
}

import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { bare } from '../served.ts'
import type { Evidence } from './evidence.ts'
import { changedSince, filesIn, objectsOf } from './files.ts'
import { childrenOf, watchProcesses } from './processes.ts'
import { type Recorders, record } from './recorders.ts'
import { readTrace, traced } from './trace.ts'

export interface Observation {
  cwd: string
  env?: Record<string, string>
  stdin?: string
  /** What `flux` and `op` do, as shell scripts; both fail unless told. */
  flux?: string
  op?: string
  /** Folders whose files are compared with what they were before. */
  folders?: readonly string[]
  /** Git folders whose objects are looked through. */
  repositories?: readonly string[]
  /** Files that may hold secrets, although the program writes them. */
  isSource?: (path: string) => boolean
}

export interface Observed {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  evidence: Evidence[]
}

export interface Observing {
  /** An empty folder that is its TMPDIR. */
  temporary: string
  /** Waits until standard error says this. */
  sees(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
  ended: Promise<Observed>
}

const isLinux = process.platform === 'linux'

/** Runs a program with a home and a TMPDIR of its own, and everything that it starts, and keeps all that others could read of it. */
export async function observe(command: readonly string[], at: Observation): Promise<Observing> {
  const base = await mkdtemp(join(tmpdir(), 'eso-bootstrap-observed-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const [home, temporary, trace] = [join(base, 'home'), join(base, 'tmp'), join(base, 'trace')]
  await Promise.all([home, temporary].map((each) => mkdir(each)))
  const recorders = await record(base, { flux: at.flux ?? 'exit 1', op: at.op ?? 'exit 1' })
  const folders = [home, temporary, ...(at.folders ?? [])]
  const before = await filesIn(folders)

  const [program = '', ...args] = isLinux ? traced(command, trace) : command
  if (isLinux && spawnSync('strace', ['--version']).status !== 0) throw new Error('These tests need strace: install it.')
  const child = spawn(program, args, {
    cwd: at.cwd,
    env: bare(home, { ...at.env, PATH: `${recorders.bin}:${process.env['PATH']}`, TMPDIR: temporary }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin.end(at.stdin ?? '')
  const isOurs = (commandLine: string) => commandLine.includes(command.join('\0'))
  const processes = isLinux ? watchProcesses(child.pid ?? 0, isOurs) : undefined
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      output[name] += chunk
    })

  const ended = new Promise<Pick<Observed, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  }).then(async (how) => {
    const seen = processes?.stop() ?? []
    return {
      ...how,
      ...output,
      evidence: [
        { where: 'standard output', text: output.stdout },
        { where: 'standard error', text: output.stderr },
        ...seen,
        ...(isLinux ? await readTrace(trace, at.isSource ?? (() => false)) : []),
        ...(await written(recorders, before, folders, at.repositories ?? [])),
      ],
    }
  })
  return {
    temporary,
    ended,
    sees: (text) => vi.waitUntil(() => output.stderr.includes(text), { timeout: 30_000, interval: 2 }).then(() => {}),
    kill(signal) {
      const [own = child.pid ?? 0] = isLinux ? childrenOf(child.pid ?? 0) : []
      process.kill(own, signal)
    },
  }
}

async function written(
  recorders: Recorders,
  before: Awaited<ReturnType<typeof filesIn>>,
  folders: readonly string[],
  repositories: readonly string[],
) {
  return [...(await recorders.records()), ...(await changedSince(before, folders)), ...(await Promise.all(repositories.map(objectsOf)))]
}

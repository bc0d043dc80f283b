import { execFile, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const exec = promisify(execFile)

/** `demo --serve` as a process of its own. */
export interface Served {
  pid: number
  /** What its `export` lines say. */
  exports: Record<
    'KUBECONFIG' | 'ESO_BOOTSTRAP_REPO' | 'ESO_BOOTSTRAP_CREDENTIALS' | 'ESO_BOOTSTRAP_TOKEN' | 'ESO_BOOTSTRAP_VAULT' | 'DEMO_NEW_TOKEN',
    string
  >
  stdout(): string
  stderr(): string
  /** Sends the signal, and gives the exit code when it has gone; null if it had to be killed. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

/** Only what every program needs; git reads nobody's settings. */
export function bare(home: string, more: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color', GIT_CONFIG_NOSYSTEM: '1', ...more }
}

/** What kubectl says of the sandbox; what it keeps for later goes with the sandbox. */
export async function kubectl({ exports: { KUBECONFIG } }: Served, ...args: string[]): Promise<string> {
  const home = join(dirname(KUBECONFIG), 'home')
  return (await exec('kubectl', args, { env: bare(home, { KUBECONFIG }) })).stdout
}

export async function serve(args: readonly string[] = [], env: Record<string, string> = bare('/nonexistent')): Promise<Served> {
  const child = spawn(process.execPath, [inject('program'), 'demo', '--serve', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const closed = new Promise<number | null>((resolve) => void child.once('close', resolve))
  const exports: Record<string, string> = {}
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      stdout += `${line}\n`
      const [, name, value] = /^export ([A-Z_]+)='(.*)'$/.exec(line) ?? []
      if (name !== undefined && value !== undefined) exports[name] = value
      if (line === 'ready') resolve()
    })
    void closed.then((code) => reject(new Error(`demo --serve ended with ${code}: ${stderr}`)))
  })
  return {
    pid: child.pid ?? 0,
    exports: exports as Served['exports'],
    stdout: () => stdout,
    stderr: () => stderr,
    end(signal = 'SIGTERM') {
      child.kill(signal)
      const patience = setTimeout(() => child.kill('SIGKILL'), 20_000)
      return closed.finally(() => clearTimeout(patience))
    },
  }
}

import { execFile, spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { inject, onTestFinished } from 'vitest'

const exec = promisify(execFile)

export interface Place {
  /** Path of the Node that runs it: this one unless given. */
  node?: string
  /** What a command stands behind: `setpriv …`, for another user. */
  as?: readonly string[]
  /** Added to a bare environment; `undefined` takes one away. */
  env?: Readonly<Record<string, string | undefined>>
  /** The name of the folder that it is installed into. */
  folder?: string
}

interface Ended {
  code: number
  stdout: string
  stderr: string
}

export interface Installed {
  command: readonly string[]
  env: Record<string, string>
  run(args: readonly string[], more?: Record<string, string>): Promise<Ended>
  /** `demo --serve`, until the test ends; gives what its `export` lines say. */
  serve(): Promise<Record<string, string>>
}

/** Installs the tarball with npm, as it is published, for one test. */
export async function install({ node = process.execPath, as = [], env: more = {}, folder = 'app' }: Place): Promise<Installed> {
  const top = await mkdtemp(join(tmpdir(), 'eso-bootstrap-everywhere-'))
  onTestFinished(() => rm(top, { recursive: true, force: true }))
  await chmod(top, 0o755)
  const prefix = join(top, folder)
  const home = join(top, 'home')
  await mkdir(prefix)
  await mkdir(home)
  await chmod(home, 0o777)
  await exec('npm', ['install', '--prefix', prefix, '--no-audit', '--no-fund', inject('tarball')], {
    env: { PATH: process.env['PATH'] ?? '', HOME: top },
  })
  const all = { PATH: process.env['PATH'] ?? '', HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color', GIT_CONFIG_NOSYSTEM: '1', ...more }
  const env = Object.fromEntries(Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined))
  const command = [...as, node, join(prefix, 'node_modules', 'eso-bootstrap', 'bin', 'eso-bootstrap.js')]
  const [program = '', ...before] = command
  return {
    command,
    env,
    run: (args, also = {}) =>
      new Promise((resolve) => {
        const child = execFile(program, [...before, ...args], { env: { ...env, ...also }, cwd: top }, (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr }),
        )
        child.stdin?.end()
      }),
    async serve() {
      const child = spawn(program, [...before, 'demo', '--serve'], { env, cwd: top, stdio: ['ignore', 'pipe', 'pipe'] })
      const closed = new Promise((resolve) => child.once('close', resolve))
      onTestFinished(async () => {
        child.kill('SIGTERM')
        await closed
      })
      const exports: Record<string, string> = {}
      let said = ''
      child.stderr.on('data', (chunk) => {
        said += chunk
      })
      await new Promise<void>((resolve, reject) => {
        createInterface(child.stdout).on('line', (line) => {
          const [, name, value] = /^export ([A-Z_]+)='(.*)'$/.exec(line) ?? []
          if (name !== undefined && value !== undefined) exports[name] = value
          if (line === 'ready') resolve()
        })
        void closed.then(() => reject(new Error(`demo --serve ended: ${said}`)))
      })
      return exports
    },
  }
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from 'vitest'
import type { Processes } from '../cluster/processes.ts'

export interface Ended {
  code: number
  stdout: string
  stderr: string
  /** All that was read, on one line: sentences are wrapped where the screen ends. */
  text: string
}

let runs = 0

/** Runs the program beside the other processes of a scenario, so that it ends with them even if the suite is killed. */
export async function run(processes: Processes, args: string[], at: { cwd: string; env: Record<string, string> }): Promise<Ended> {
  const name = `run-${++runs}`
  const out = (what: string) => join(processes.folder, `${name}.${what}`)
  const script = 'cd "$1" && shift && at=$1 && shift && "$0" "$@" >"$at.stdout" 2>"$at.stderr"; echo $? >"$at.new"; mv "$at.new" "$at.code"'
  const command = [process.execPath, at.cwd, join(processes.folder, name), inject('program'), ...args]
  processes.start({ name, command: '/bin/sh', args: ['-c', script, ...command], env: at.env })
  for (;;) {
    const code = await readFile(out('code'), 'utf8').catch(() => undefined)
    if (code !== undefined) {
      const [stdout, stderr] = await Promise.all([readFile(out('stdout'), 'utf8'), readFile(out('stderr'), 'utf8')])
      return { code: Number(code), stdout, stderr, text: `${stderr} ${stdout}`.replace(/\s+/g, ' ') }
    }
    await sleep(100)
  }
}

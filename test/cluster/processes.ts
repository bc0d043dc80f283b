import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Process {
  name: string
  command: string
  args: string[]
  /** Its whole environment; none unless given. */
  env?: Record<string, string>
}

export interface Processes {
  /** Working folder of all of them; in memory where there is such a place. */
  folder: string
  start(process: Process): void
  /** What a process has written to its outputs. */
  log(name: string): Promise<string>
  /** Waits until `ready` is true; asks again every 50 ms. Throws, with the end of its log, if the process ends or 60 seconds are over. */
  ready(name: string, ready: () => Promise<boolean>): Promise<void>
  /** Kills all of them and removes the folder. The same happens if this process dies, however it dies. */
  stop(): Promise<void>
}

/** A folder and the processes in it, which don't outlive us: see supervisor.js. */
export async function startProcesses(): Promise<Processes> {
  const memory = '/dev/shm'
  const folder = await mkdtemp(join(existsSync(memory) ? memory : tmpdir(), 'eso-bootstrap-'))
  const supervisor = fork(new URL('supervisor.js', import.meta.url), [folder], { detached: true, stdio: 'ignore', execArgv: [] })
  const ended = new Map<string, string>()
  supervisor.on('message', (message) => {
    const { name, ended: how } = message as { name: string; ended: string }
    ended.set(name, how)
  })
  const log = (name: string) => readFile(join(folder, `${name}.log`), 'utf8').catch(() => '')
  return {
    folder,
    log,
    start: ({ env = {}, ...process }) => void supervisor.send({ ...process, env }),
    async ready(name, ready) {
      const deadline = Date.now() + 60_000
      while (!(await ready().catch(() => false))) {
        const how = ended.get(name) ?? (Date.now() > deadline ? 'not ready after 60 seconds' : undefined)
        if (how) throw new Error(`${name}: ${how}\n${(await log(name)).split('\n').slice(-30).join('\n')}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async stop() {
      if (!supervisor.connected) return
      const gone = once(supervisor, 'exit')
      supervisor.disconnect()
      await gone
    },
  }
}

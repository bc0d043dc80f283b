import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { vi } from 'vitest'
import { nameOf, type Stage } from './stage.ts'

/** Calls back once, when the first request of this name arrives: before the server has looked at it. Gives the way to stop waiting. */
export function onRequest({ sandbox }: Stage, name: string, act: () => void): () => void {
  const { log } = sandbox.api
  let waiting = true
  log.push = (...records) => {
    const length = Array.prototype.push.apply(log, records)
    // The verb and the path are known by now, the answer isn't.
    if (waiting && records.some((record) => nameOf(record) === name)) {
      waiting = false
      act()
    }
    return length
  }
  return () => {
    log.push = Array.prototype.push
  }
}

/** The server does what this request asks, and its answer gets lost. */
export function loseAnswer(stage: Stage, name: string): () => void {
  const { api } = stage.sandbox
  let stopListening = () => {}
  const stop = onRequest(stage, name, () => {
    stopListening = api.store.onChange(() => {
      stopListening()
      api.disconnect()
    })
  })
  return () => {
    stop()
    stopListening()
  }
}

/** The git of the next runs: told what to do in the place of certain commands, or before them; remembers what it was asked. */
export async function gitThat(stage: Stage, cases: { match: string; script: string }[] = []): Promise<void> {
  const lines = cases.map(({ match, script }) => `case "$*" in ${match}) ${script};; esac`)
  const log = join(stage.sandbox.folder, 'git.log')
  const real = `PATH="${process.env['PATH']}"`
  await stage.program('git', [`echo "$*" | head -1 >> '${log}'`, ...lines, `${real} exec git "$@"`].join('\n'))
}

/** A git command that stops before or after its work, until it is let go or killed. */
export async function holdGit(stage: Stage, match: string, when: 'before' | 'after') {
  const [reached, go] = ['reached', 'go'].map((name) => join(stage.sandbox.folder, name)) as [string, string]
  // Whole as soon as it is there: who is killed in between would leave a file without a number.
  const hold = `echo $$ > '${reached}.new'; mv '${reached}.new' '${reached}'; while [ ! -e '${go}' ]; do sleep 0.01; done`
  const work = `PATH="${process.env['PATH']}" git "$@"; code=$?`
  await gitThat(stage, [{ match, script: when === 'before' ? hold : `${work}; ${hold}; exit $code` }])
  return {
    reached: () => vi.waitUntil(() => existsSync(reached), { timeout: 15_000, interval: 5 }),
    letGo: () => writeFile(go, ''),
    /** The command was ended, and not only left to itself. */
    gone: async () => {
      const pid = Number(await readFile(reached, 'utf8'))
      await vi.waitUntil(() => !isAlive(pid), { timeout: 5_000, interval: 5 })
    },
    end: async () => {
      await Promise.all([reached, go].map((each) => rm(each, { force: true })))
      await gitThat(stage)
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

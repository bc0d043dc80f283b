import { readdirSync, readFileSync } from 'node:fs'
import type { Evidence } from './evidence.ts'

/** The processes that this one has started and that still run. Linux only. */
export function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) => (content(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number))
}

/**
 * Looks every few milliseconds at what /proc tells everybody who asks: the arguments of a process and of all that it has started,
 * and the environments of what it has started. Linux only.
 */
export function watchProcesses(root: number, isOurs: (commandLine: string) => boolean): { stop(): Evidence[] } {
  const seen = new Map<string, Evidence>()
  const look = (pid: number) => {
    const commandLine = content(`/proc/${pid}/cmdline`)
    if (!commandLine) return
    const key = `${pid} ${commandLine}`
    if (!seen.has(key)) {
      // What we are given ourselves is not our doing.
      const environment = isOurs(commandLine) ? '' : content(`/proc/${pid}/environ`)
      seen.set(key, { where: `/proc, of ${commandLine.split('\0').slice(0, 2).join(' ')}`, text: `${commandLine}\n${environment}` })
    }
    for (const child of childrenOf(pid)) look(child)
  }
  const timer = setInterval(() => look(root), 5)
  return {
    stop() {
      clearInterval(timer)
      return [...seen.values()]
    },
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Undefined for a process that has ended meanwhile. */
function content(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

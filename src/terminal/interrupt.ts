import { exitCodes, Failure } from '../failure.ts'
import type { Io } from './io.ts'

const stopped = `
Stopped at once, in the middle of taking back. Run the same command again in a
minute, when its lock has expired: it sees what stands, and goes on.
`

export interface Interruptible {
  signal: AbortSignal
  stop(): void
}

/** The first Ctrl-C or SIGTERM aborts the signal, so that what was done is taken back; the second ends the process at once. */
export function interruptible(io: Io): Interruptible {
  const controller = new AbortController()
  const stop = io.onSignal((name) => {
    const exit = name === 'SIGINT' ? 'interrupted' : 'terminated'
    if (controller.signal.aborted) {
      io.stderr.write(stopped)
      io.exit(exitCodes[exit])
      return
    }
    controller.abort(interrupted(exit))
  })
  return { signal: controller.signal, stop }
}

export function interrupted(exit: 'interrupted' | 'terminated' = 'interrupted'): Failure {
  return new Failure({ id: 'interrupted', exit, what: 'Interrupted.' })
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Measured {
  seconds: number
  /** MB; undefined where there is no /proc. */
  peak: number | undefined
}

const home = mkdtempSync(join(tmpdir(), 'eso-bootstrap-home-'))
process.once('exit', () => rmSync(home, { recursive: true, force: true }))

/** How long a command takes until it has ended and `then` has, and how much memory it had at its peak. Throws if it ends with another code than these. */
export async function measure(
  command: string,
  args: readonly string[],
  then: () => Promise<void>,
  good: readonly number[] = [0],
): Promise<Measured> {
  const began = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: process.env['PATH'], HOME: home } })
  const ended = once(child, 'exit')
  let peak: number | undefined
  const look = () => {
    peak = highWater(child.pid) ?? peak
  }
  const timer = setInterval(look, 20)
  const [status] = await ended
  clearInterval(timer)
  if (!good.includes(status)) throw new Error(`${command} ${args.slice(0, 3).join(' ')} … ended with ${status}`)
  await then()
  return { seconds: (performance.now() - began) / 1000, peak }
}

/** The most memory that a process has had: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function highWater(pid: number | undefined): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
  } catch {
    return undefined
  }
}

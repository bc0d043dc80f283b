import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Timed {
  /** Milliseconds: until the process had ended, and until it said the first word. */
  wall: number
  first: number
  /** Milliseconds of CPU, its children's too. */
  cpu: number
}

/** Runs a command under a shell that counts the CPU time of all that it starts. Throws with what it said if it fails. */
export async function timed(command: readonly string[], env: Record<string, string>): Promise<Timed> {
  const began = performance.now()
  const child = spawn('bash', ['-c', '"$@"; status=$?; times >&3; exit $status', 'bash', ...command], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let first = Number.NaN
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      if (Number.isNaN(first)) first = performance.now() - began
      said.push(chunk)
    })
  const counted: Buffer[] = []
  child.stdio[3]?.on('data', (chunk: Buffer) => counted.push(chunk))
  const [status] = await once(child, 'close')
  const wall = performance.now() - began
  if (status !== 0) throw new Error(`${command.slice(0, 3).join(' ')} ended with ${status}:\n${Buffer.concat(said)}`)
  return { wall, first, cpu: cpuIn(Buffer.concat(counted).toString()) }
}

/** The second line of `times` is of the children: `0m0.052s 0m0.012s`. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#times */
function cpuIn(text: string): number {
  const [, line = ''] = text.split('\n')
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  )
}

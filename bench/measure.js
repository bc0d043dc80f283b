import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

export function spread(values, unit = 'ms') {
  return `${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)} ${unit}`
}

export function times(ratio) {
  return Number.isNaN(ratio) ? '' : `x${ratio.toFixed(2)}`
}

export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Milliseconds until a command has ended. */
export function timed(command, args, options = {}) {
  const began = process.hrtime.bigint()
  spawnSync(command, args, { stdio: 'ignore', ...options })
  return Number(process.hrtime.bigint() - began) / 1e6
}

/** MB at its peak and milliseconds, of a command and all that it starts: https://www.gnu.org/software/time/ counts them, bash too, and only Linux tells the peak. */
export async function peakOf(command, args, options = {}) {
  const memory = new URL('./memory.js', import.meta.url).href
  const child = spawn(command, ['--import', memory, ...args], { stdio: ['ignore', 'ignore', 'pipe'], ...options })
  const chunks = []
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  await once(child, 'close')
  const [, kilobytes] =
    Buffer.concat(chunks)
      .toString()
      .match(/peak (\d+) kB/) ?? []
  return Math.round(Number(kilobytes) / 1024)
}

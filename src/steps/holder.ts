import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'

/** This process, named so that others on this machine can find out whether it still runs. */
export function thisProcess(): string {
  return `${machine() ?? 'elsewhere'}/${process.pid}`
}

/** Whether the process of this name has ended for certain: that can be told only where it ran, and of the kernel's own numbers. */
export function hasEnded(holder: string): boolean {
  const [, where, pid = ''] = /^(\w+)\/([1-9]\d*)$/.exec(holder) ?? []
  if (where === undefined || where !== machine()) return false
  try {
    // Sends nothing: https://man7.org/linux/man-pages/man2/kill.2.html
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/**
 * What tells apart two places in which the same number may be another process: each start of a kernel, and each container.
 * Undefined where the kernel doesn't tell. https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
 */
function machine(): string | undefined {
  try {
    const place = [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), readlinkSync('/proc/self/ns/pid')]
    return createHash('sha256').update(place.join()).digest('hex').slice(0, 12)
  } catch {
    return undefined
  }
}

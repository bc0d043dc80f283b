import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'

/** A run that starts a process which starts another, tells the pid of that, and goes on for ever. */
const run = `
const { fork } = require('node:child_process')
const supervisor = fork(process.argv[1], [process.argv[2]], { detached: true, stdio: 'ignore' })
const script = 'sleep 1000 & echo $! > grandchild.pid; wait'
supervisor.send({ name: 'one', command: '/bin/sh', args: ['-c', script], env: { PATH: process.env.PATH } })
console.log(supervisor.pid)
`

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('a run that ends by %s leaves no process and no folder', async (signal) => {
  const folder = await mkdtemp(join(tmpdir(), 'eso-bootstrap-'))
  const supervisor = new URL('supervisor.js', import.meta.url).pathname
  // A group of its own, all of which is killed, as a terminal or a CI runner does it.
  const child = spawn(process.execPath, ['-e', run, supervisor, folder], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const [told] = await child.stdout.take(1).toArray()
  const pidFile = join(folder, 'grandchild.pid')
  const grandchild = await vi.waitUntil(async () => Number(await readFile(pidFile, 'utf8').catch(() => '')), 5_000)
  expect([Number(told), grandchild].map(isAlive)).toEqual([true, true])
  process.kill(-(child.pid ?? 0), signal)
  await vi.waitUntil(() => ![Number(told), grandchild].some(isAlive), 5_000)
  expect(existsSync(folder)).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

// Holds the processes of a test run and their folder. When the run lets go of the channel, or is killed, they are gone too:
// a process group of its own, so that what is sent to the run's group (Ctrl-C, SIGKILL) doesn't reach this one.
import { spawn } from 'node:child_process'
import { openSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.argv[2]
const running = new Map()

process.on('message', ({ name, command, args, env }) => {
  const log = openSync(join(folder, `${name}.log`), 'a')
  const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', log, log], detached: true })
  running.set(name, child)
  child.once('error', (error) => process.send?.({ name, ended: error.code }))
  child.once('exit', (code, signal) => {
    running.delete(name)
    if (process.connected) process.send({ name, ended: signal ?? `exit code ${code}` })
  })
})

process.once('disconnect', async () => {
  await Promise.all([...running.values()].map(end))
  rmSync(folder, { recursive: true, force: true })
  process.exit()
})

/** With all that it has started. Nothing is worth saving, so nothing is asked. */
function end(child) {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    return
  }
  return ended
}

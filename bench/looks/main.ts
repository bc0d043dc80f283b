import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { templates } from '../../test/commands/init/trees.ts'

const [program = '', count = '7'] = process.argv.slice(2)
const slowest = 1_000
const sandbox = await startSandbox({ scenario: 'set-up', files: await templates(), env: process.env })
const env = { PATH: process.env['PATH'], HOME: sandbox.folder, KUBECONFIG: sandbox.kubeconfigPath, GIT_CONFIG_NOSYSTEM: '1' }

/** Milliseconds, and what it ended with. */
async function timed(...args: string[]): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [program, ...args], { cwd: sandbox.repository, env, stdio: 'ignore' })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
  return performance.now() - began
}

const runs: Record<string, number[]> = { version: [], status: [], doctor: [], 'status, one call slow': [], 'doctor, one call slow': [] }
for (let round = 0; round <= Number(count); round++) {
  const add = (name: string, taken: number) => round > 0 && runs[name]?.push(taken)
  add('version', await timed('--version'))
  for (const command of ['status', 'doctor']) add(command, await timed(command))
  for (const command of ['status', 'doctor']) {
    sandbox.api.inject({ match: { verb: 'list', resource: 'externalsecrets' }, delay: slowest, times: 1 })
    add(`${command}, one call slow`, await timed(command))
  }
}
await sandbox.close()
process.stdout.write(JSON.stringify({ slowest, runs }))
process.exit()

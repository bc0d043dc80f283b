import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { findCanary } from '../../canary.ts'
import { seedTree } from '../../sandbox/tree.ts'
import { run, start } from '../run.ts'
import { type Place, placeIn } from './place.ts'

let sandbox: Sandbox
let at: Place
beforeEach(async () => {
  sandbox = await startSandbox({ files: seedTree(), env: process.env })
  at = await placeIn(sandbox)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await at.restore()
  await sandbox.close()
})

/** A program that says by a file that it has begun, and then does nothing for ever. */
async function hanging(name: string) {
  const began = join(at.folder, `${name}-began`)
  return { began, env: await at.program(name, `echo $$ > '${began}'; exec sleep 600`) }
}

const begun = (file: string) => vi.waitFor(() => access(file), { timeout: 10_000, interval: 20 })

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The timers of this many milliseconds that are still to come. */
function timersOf(milliseconds: number): Map<unknown, () => void> {
  const pending = new Map<unknown, () => void>()
  const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout]
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, delay?: number) => {
    const timer = set(work, delay)
    if (delay === milliseconds) pending.set(timer, work)
    return timer
  }) as typeof setTimeout)
  vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    pending.delete(timer)
    clear(timer)
  })
  return pending
}

test('op that waits for an approval that nobody gives is ended at its deadline', async () => {
  const { began, env } = await hanging('op')
  const given = { flags: { credentials: 'op://ops/connect/file', output: 'json' }, env }
  const before = await at.snapshot()
  const minutes = timersOf(60_000)
  const running = run(at.commandLine(given), at.options(given))
  await begun(began)
  // git has a minute as well, but it ends by itself: the one that stays is that of op.
  await vi.waitFor(() => expect(minutes.size).toBe(1))
  for (const expire of minutes.values()) expire()

  const { code, json } = await running
  expect(code).toBe(3)
  expect(json().errors).toEqual([
    {
      id: 'op-deadline',
      what: 'op did not read op://ops/connect/file within 60 s.',
      why: 'It was probably waiting for an approval in the 1Password app.',
      fix: ['Unlock the 1Password app and run again; approve when it asks.', 'Without a person: set OP_SERVICE_ACCOUNT_TOKEN'],
    },
  ])
  await vi.waitFor(async () => expect(isAlive(Number(await readFile(began, 'utf8')))).toBe(false))
  expect((await at.snapshot()).filter((file) => !file.startsWith('op-began'))).toEqual(before)
})

test('op that waits for an approval is ended with Ctrl-C', async () => {
  const { began, env } = await hanging('op')
  const given = { flags: { token: 'op://ops/connect/token' }, env }
  const running = start(at.commandLine(given), at.options(given))
  await begun(began)
  running.signal('SIGINT')
  expect(await running.ended).toMatchObject({ code: 130 })
  await vi.waitFor(async () => expect(isAlive(Number(await readFile(began, 'utf8')))).toBe(false))
})

test('a flux command that hangs keeps nobody waiting, and is ended', async () => {
  const { began, env } = await hanging('flux')
  const given = { flags: { 'verify-item': `${sandbox.item.title}/${sandbox.item.field}`, output: 'json' }, env }
  const since = Date.now()
  const { code, json, stdout, stderr } = await run(at.commandLine(given), at.options(given))
  expect([code, json().verdict]).toEqual([0, 'verified'])
  expect(Date.now() - since).toBeLessThan(8_000)
  expect(findCanary(stdout + stderr, at.secrets())).toEqual([])
  await vi.waitFor(async () => expect(isAlive(Number(await readFile(began, 'utf8')))).toBe(false))
})

test('a flux command that hangs does not keep the failure of an object back either', async () => {
  await at.commit({ 'infrastructure/base/external-secrets/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  nam: e\n' })
  await at.git('push', '--quiet', 'origin', 'main')
  const { env } = await hanging('flux')
  const given = { flags: { output: 'json' }, env }
  const since = Date.now()
  const { code, json } = await run(at.commandLine(given), at.options(given))
  expect(code).toBe(5)
  expect(json().errors).toMatchObject([{ id: 'flux-failed', what: expect.stringContaining('Kustomization flux-system/external-secrets') }])
  expect(Date.now() - since).toBeLessThan(8_000)
})

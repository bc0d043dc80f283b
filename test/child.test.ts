import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { childEnvironment, run } from '../src/child.ts'
import { failureOf } from './onepassword/failure-of.ts'

const env = { PATH: process.env['PATH'] }
const sh = (script: string, options: Partial<Parameters<typeof run>[2]> = {}) =>
  run('sh', ['-c', script], { env, deadline: 10_000, ...options })
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-'))
})
afterAll(() => rm(folder, { recursive: true }))

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
/** The number in a file that a child writes as soon as it runs. */
async function pidIn(path: string): Promise<number> {
  return vi.waitFor(async () => {
    const text = await readFile(path, 'utf8')
    if (!text.endsWith('\n')) throw new Error('not yet')
    return Number(text)
  })
}

/** A process that was killed stays for a moment until its new parent takes note. */
const gone = (pid: number) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), 5_000)

describe('run', () => {
  it('gives what was said, to the byte, and how it ended', async () => {
    expect(await sh('printf "a\\n\\n"; echo b >&2; exit 3')).toEqual({ code: 3, stdout: 'a\n\n', stderr: 'b\n' })
  })

  it('passes arguments as they are: there is no shell in between', async () => {
    const odd = ['a b', '$(id)', "'", ';', '*']
    expect((await run('printf', ['%s\n', ...odd], { env, deadline: 10_000 })).stdout).toBe(`${odd.join('\n')}\n`)
  })

  it('gives its input to the child, and an empty one if there is none', async () => {
    expect((await sh('cat', { input: 'secret' })).stdout).toBe('secret')
    expect((await sh('cat')).stdout).toBe('')
  })

  it('runs in the folder that it is told', async () => {
    expect((await sh('pwd', { cwd: '/' })).stdout).toBe('/\n')
  })

  it('gives only the environment that it was given, without what may hold a secret', async () => {
    const given = {
      ...env,
      KEPT: 'x',
      OP_CONNECT_TOKEN: 'x',
      OP_CONNECT_HOST: 'x',
      OP_SESSION: 'x',
      OP_CREDENTIALS_FILE: 'x',
      ESO_BOOTSTRAP_TOKEN: 'x',
    }
    const names = (await sh('env', { env: given })).stdout.split('\n').map((line) => line.split('=')[0])
    expect(names).toContain('KEPT')
    expect(names).not.toContain('HOME')
    expect(names.filter((name) => /^(OP_|ESO_)/.test(name ?? ''))).toEqual([])
    expect(childEnvironment({ OP_SESSION_account: 'x', GONE: undefined })).toEqual({ OP_SESSION_account: 'x' })
  })

  it('says that a command is missing', async () => {
    expect(await failureOf(() => run('no-such-command', ['secret'], { env, deadline: 10_000 }))).toMatchObject({
      id: 'command-missing',
      exit: 'blocked',
      message: 'The command no-such-command was not found.',
    })
  })

  it('ends at the deadline, with the grandchild that holds its output open', async () => {
    const path = join(folder, 'grandchild')
    const began = Date.now()
    const ended = failureOf(() => sh(`sleep 60 & echo $! >'${path}'; exit 0`, { deadline: 500 }))
    const pid = await pidIn(path)
    expect(isAlive(pid)).toBe(true)
    expect(await ended).toMatchObject({ id: 'command-deadline', exit: 'blocked' })
    expect(Date.now() - began).toBeLessThan(5_000)
    await gone(pid)
  })

  it('ends at a signal, with its children and its reason', async () => {
    const path = join(folder, 'aborted')
    const stop = new AbortController()
    const ended = sh(`sleep 60 & echo $! >'${path}'; wait`, { signal: stop.signal })
    const pid = await pidIn(path)
    stop.abort(new Error('interrupted'))
    await expect(ended).rejects.toThrow('interrupted')
    await gone(pid)
  })

  it('does not begin when the signal came before', async () => {
    const path = join(folder, 'never')
    await expect(sh(`echo x >'${path}'`, { signal: AbortSignal.abort(new Error('interrupted')) })).rejects.toThrow('interrupted')
    await expect(readFile(path)).rejects.toThrow('ENOENT')
  })
})

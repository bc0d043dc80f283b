import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/child.ts'
import { openPipe } from '../../src/onepassword/pipe.ts'
import { failureOf } from './failure-of.ts'

const env = { PATH: process.env['PATH'] }
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipe-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Says what its standard input is, and gives back what is in it. */
const reader = `process.stdout.write(String(require('fs').fstatSync(0).isFIFO()) + ' '); process.stdin.pipe(process.stdout)`

async function through(text: string): Promise<string> {
  const pipe = await openPipe(folder, env)
  const ended = run(process.execPath, ['-e', reader], { env, deadline: 20_000, stdin: pipe.reads.fd })
  await pipe.reads.close()
  await pipe.writes.writeFile(text)
  await pipe.writes.close()
  return (await ended).stdout
}

describe('openPipe', () => {
  it.each([
    ['a few bytes', 'sécret\n'],
    ['nothing', ''],
    ['more than a pipe holds', 'x'.repeat(300_000)],
  ])('takes %s to a child, through a real pipe', async (_, text) => {
    expect(await through(text)).toBe(`true ${text}`)
  })

  it('leaves no name behind by which anybody could open it', async () => {
    const pipe = await openPipe(folder, env)
    expect(await readdir(folder)).toEqual([])
    await pipe.reads.close()
    await pipe.writes.close()
  })

  it('lets the writer know that nobody reads', async () => {
    const pipe = await openPipe(folder, env)
    await pipe.reads.close()
    await expect(pipe.writes.writeFile('x')).rejects.toThrow('EPIPE')
    await pipe.writes.close()
  })

  it('says that there is no mkfifo', async () => {
    const failure = await failureOf(() => openPipe(folder, { PATH: folder }))
    expect(failure).toMatchObject({ id: 'no-pipe', exit: 'blocked', message: 'There is no mkfifo on the PATH.' })
  })

  it('says that mkfifo failed', async () => {
    await mkdir(join(folder, 'pipe'))
    const failure = await failureOf(() => openPipe(folder, env))
    expect(failure).toMatchObject({ id: 'no-pipe', message: 'mkfifo could not make a pipe; it ended with exit code 1.' })
  })

  it('ends with the reason of a signal, and makes nothing', async () => {
    await expect(openPipe(folder, env, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
    expect(existsSync(join(folder, 'pipe'))).toBe(false)
  })
})

import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/child.ts'
import { throughPipe } from '../../src/onepassword/pipe.ts'
import { failureOf } from './failure-of.ts'

const env = { PATH: process.env['PATH'] }
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipe-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Says what its standard input is, and gives back what is in it. */
const reader = `process.stdout.write(String(require('fs').fstatSync(0).isFIFO()) + ' '); process.stdin.pipe(process.stdout)`

const child = (script: string) => (stdin: number) => run(process.execPath, ['-e', script], { env, deadline: 20_000, stdin })
const through = (text: string, script: string) => throughPipe(text, { folder, env }, child(script))

describe('throughPipe', () => {
  it.each([
    ['a few bytes', 'sécret\n'],
    ['nothing', ''],
    ['more than a pipe holds', 'x'.repeat(300_000)],
  ])('takes %s to a child, through a real pipe', async (_, text) => {
    expect((await through(text, reader)).stdout).toBe(`true ${text}`)
  })

  it('has no name by which anybody could open it when the child begins', async () => {
    const names = await throughPipe('x', { folder, env }, async () => readdir(folder))
    expect(names).toEqual([])
  })

  it('gives the exit code of a child that ends without reading', async () => {
    expect((await through('x'.repeat(300_000), 'process.exit(3)')).code).toBe(3)
  })

  it('ends when the child could not even begin', async () => {
    const began = throughPipe('x', { folder, env }, (stdin) => run('no-such-command', [], { env, deadline: 20_000, stdin }))
    expect(await failureOf(() => began)).toMatchObject({ id: 'command-missing' })
  })

  it('ends with a child that does not read and is stopped', async () => {
    const hanging = (stdin: number) => run('sleep', ['60'], { env, deadline: 200, stdin })
    const ended = throughPipe('x'.repeat(300_000), { folder, env }, hanging)
    expect(await failureOf(() => ended)).toMatchObject({ id: 'command-deadline' })
  })

  it('says that there is no mkfifo', async () => {
    const failure = await failureOf(() => throughPipe('x', { folder, env: { PATH: folder } }, child(reader)))
    expect(failure).toMatchObject({ id: 'no-pipe', exit: 'blocked', message: 'There is no mkfifo on the PATH.' })
  })

  it('says that mkfifo failed', async () => {
    await mkdir(join(folder, 'pipe'))
    const failure = await failureOf(() => through('x', reader))
    expect(failure).toMatchObject({ id: 'no-pipe', message: 'mkfifo could not make a pipe; it ended with exit code 1.' })
  })

  it('ends with the reason of a signal, and makes nothing', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(throughPipe('x', { folder, env, signal }, child(reader))).rejects.toThrow('stopped')
    expect(existsSync(join(folder, 'pipe'))).toBe(false)
  })
})

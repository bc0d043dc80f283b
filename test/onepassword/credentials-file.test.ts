import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { takeCredentials } from '../../src/onepassword/credentials-file.ts'
import { makeCredentials } from '../canary.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'))
  path = join(folder, '1password-credentials.json')
})
afterEach(() => rm(folder, { recursive: true }))

describe('takeCredentials', () => {
  it('gives what stands in the file to the byte, and the file is gone', async () => {
    const credentials = makeCredentials()
    await writeFile(path, `${credentials}\n`)
    expect((await takeCredentials(folder))?.reveal()).toBe(`${credentials}\n`)
    expect(await readdir(folder)).toEqual([])
  })

  it('gives nothing where there is no file', async () => {
    expect(await takeCredentials(folder)).toBeUndefined()
  })

  it.each([
    ['a pipe', async () => void execFileSync('mkfifo', [path])],
    ['a folder', async () => void (await mkdir(join(path, 'below'), { recursive: true }))],
    [
      'far too large',
      async () => {
        await writeFile(path, '')
        await truncate(path, 1024 * 1024 + 1)
      },
    ],
  ])('gives nothing for what is %s, and it is gone', async (_, make) => {
    await make()
    expect(await takeCredentials(folder)).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })

  it('follows no link', async () => {
    const elsewhere = join(folder, 'elsewhere')
    await writeFile(elsewhere, 'x')
    await symlink(elsewhere, path)
    expect(await takeCredentials(folder)).toBeUndefined()
    expect(await readFile(elsewhere, 'utf8')).toBe('x')
  })
})

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, statfs, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inPrivateFolder } from '../../src/onepassword/private-folder.ts'
import { failureOf } from './failure-of.ts'

let elsewhere = ''
beforeEach(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'elsewhere-'))
})
afterEach(() => rm(elsewhere, { recursive: true }))

const isInMemory = async (folder: string) => (await statfs(folder)).type === 0x01021994

describe('inPrivateFolder', () => {
  it('gives an empty folder that nobody else may enter, and removes it with all that was put into it', async () => {
    const seen = await inPrivateFolder(async (folder) => {
      const found = { folder, mode: (await stat(folder)).mode & 0o777, names: await readdir(folder) }
      await mkdir(join(folder, 'below'))
      await writeFile(join(folder, 'below', 'file'), 'x')
      return found
    })
    expect(seen).toMatchObject({ mode: 0o700, names: [] })
    expect(existsSync(seen.folder)).toBe(false)
  })

  it('is in memory where there is such a place', async () => {
    const hasMemory = existsSync('/dev/shm') && (await isInMemory('/dev/shm'))
    expect(await inPrivateFolder(isInMemory)).toBe(hasMemory || (await isInMemory(tmpdir())))
  })

  it.each([
    ['is no file system in memory', () => elsewhere],
    ['is not there', () => join(elsewhere, 'nowhere')],
    ['is a file', () => '/etc/hostname'],
  ])('is with the temporary files where the other place %s', async (_, memory) => {
    const folder = await inPrivateFolder(async (folder) => folder, { memory: memory() })
    expect(folder.startsWith(join(tmpdir(), 'eso-bootstrap-'))).toBe(true)
    expect(await readdir(elsewhere)).toEqual([])
  })

  it('is gone after an error too, and the error comes through', async () => {
    let folder = ''
    const ended = inPrivateFolder(async (here) => {
      folder = here
      await writeFile(join(here, 'file'), 'x')
      throw new Error('broken')
    })
    await expect(ended).rejects.toThrow('broken')
    expect(existsSync(folder)).toBe(false)
  })

  it('follows no link out of it', async () => {
    await writeFile(join(elsewhere, 'kept'), 'x')
    await inPrivateFolder((folder) => symlink(elsewhere, join(folder, 'link')))
    expect(await readFile(join(elsewhere, 'kept'), 'utf8')).toBe('x')
  })

  it('is gone when the process is told to exit in the middle', async () => {
    const script = join(elsewhere, 'exit.ts')
    const module = join(import.meta.dirname, '../../src/onepassword/private-folder.ts')
    await writeFile(
      script,
      `import { inPrivateFolder } from ${JSON.stringify(module)}
       import { writeFileSync } from 'node:fs'
       await inPrivateFolder(async (folder) => {
         writeFileSync(folder + '/secret', 'x')
         process.stdout.write(folder)
         process.exit(0)
       })`,
    )
    const bundle = join(elsewhere, 'exit.mjs')
    const { rolldown } = await import('rolldown')
    const built = await rolldown({ input: script, platform: 'node', logLevel: 'silent' })
    await built.write({ file: bundle })
    await built.close()
    const { stdout } = await promisify(execFile)(process.execPath, [bundle])
    expect(stdout).toContain('/eso-bootstrap-')
    expect(existsSync(stdout)).toBe(false)
  })

  it('says so when the folder cannot be removed', async () => {
    let left = ''
    const failure = await failureOf(() =>
      inPrivateFolder(
        async (folder) => {
          left = folder
        },
        { removes: async () => undefined },
      ),
    )
    expect(failure).toMatchObject({ id: 'folder-left', exit: 'partly', fix: [`rm -r ${left}`] })
    await rm(left, { recursive: true })
  })
})

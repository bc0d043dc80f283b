import * as disk from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { Failure } from '../../src/failure.ts'
import type { Disk } from '../../src/manifests/atomic.ts'
import { writeFiles } from '../../src/manifests/write.ts'
import { contentsOf, folderWith } from './folder-on-disk.ts'

type Call = 'open' | 'writeFile' | 'chmod' | 'sync' | 'close' | 'rename' | 'mkdir'
const calls: Call[] = ['open', 'writeFile', 'chmod', 'sync', 'close', 'rename', 'mkdir']
const ids = { ENOSPC: 'disk-full', EDQUOT: 'disk-full', EROFS: 'disk-read-only', EACCES: 'file-forbidden' }

/** The real disk, but the nth of these calls fails. */
function failing(call: Call, code: string, nth: number): Disk {
  let count = 0
  const fail = (name: Call) => {
    if (name === call && ++count === nth) throw Object.assign(new Error(code), { code })
  }
  return {
    ...disk,
    async open(...args: Parameters<Disk['open']>) {
      fail('open')
      const handle = await disk.open(...args)
      for (const name of ['writeFile', 'chmod', 'sync', 'close'] as const) {
        const real = handle[name].bind(handle) as (...given: unknown[]) => Promise<void>
        Object.assign(handle, {
          [name]: async (...given: unknown[]) => {
            fail(name)
            await real(...given)
          },
        })
      }
      return handle
    },
    async rename(...args: Parameters<Disk['rename']>) {
      fail('rename')
      await disk.rename(...args)
    },
    async mkdir(...args: Parameters<Disk['mkdir']>) {
      fail('mkdir')
      return await disk.mkdir(...args)
    },
  } as Disk
}

const edits = [
  { path: 'k.yaml', before: 'a: 1\n', after: 'a: 2\n' },
  { path: 'new/n.yaml', before: undefined, after: 'n' },
  { path: 'sub/deep/s.yaml', before: undefined, after: 's' },
]
const cases = calls.flatMap((call) => Object.keys(ids).flatMap((code) => [1, 2, 3].map((nth) => ({ call, code, nth }))))

test.each(cases)('$call no. $nth fails with $code: everything is as it was', async ({ call, code, nth }) => {
  const root = await folderWith({ 'k.yaml': 'a: 1\n', 'other.yaml': 'x' })
  const error = await writeFiles(root, edits, failing(call, code, nth)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Failure)
  expect(error).toMatchObject({ id: ids[code as keyof typeof ids], exit: 'blocked' })
  expect(await contentsOf(root)).toEqual({ 'k.yaml': 'a: 1\n', 'other.yaml': 'x' })
})

test('a device that is really full', async () => {
  // The temporary file is /dev/full, which takes no byte: https://man7.org/linux/man-pages/man4/full.4.html
  const full: Disk = { ...disk, open: () => disk.open('/dev/full', 'w') }
  const root = await folderWith({ 'k.yaml': 'a: 1\n' })
  const error = await writeFiles(root, edits.slice(0, 1), full).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ id: 'disk-full', message: 'There is no room left on the disk to write k.yaml.' })
  expect(await contentsOf(root)).toEqual({ 'k.yaml': 'a: 1\n' })
})

test('what could not be put back is named', async () => {
  const root = await folderWith({ 'k.yaml': 'a: 1\n', 'l.yaml': 'l' })
  const renames: string[] = []
  const broken: Disk = {
    ...disk,
    async rename(from, to) {
      renames.push(path.basename(String(to)))
      if (renames.length > 1) throw Object.assign(new Error(), { code: 'EROFS' })
      await disk.rename(from, to)
    },
  }
  const error = await writeFiles(root, [...edits.slice(0, 1), { path: 'l.yaml', before: 'l', after: 'm' }], broken).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ id: 'disk-read-only', exit: 'partly' })
  expect((error as Failure).message).toBe('Not everything could be put back: k.yaml is on a file system that is mounted read-only.')
  expect(await contentsOf(root)).toEqual({ 'k.yaml': 'a: 2\n', 'l.yaml': 'l' })
})

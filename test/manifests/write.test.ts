import * as disk from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { writeFiles } from '../../src/manifests/write.ts'
import { contentsOf, folderWith } from './folder-on-disk.ts'

const bom = '\uFEFFa: ü\r\nb: 2'
const change = { path: 'k.yaml', before: 'a: 1\n', after: 'a: 2\n' }

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => new Error('Expected a failure, but there was none.'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof Failure) return error
  throw error
}

describe('writing', () => {
  test('writes the bytes, and undo brings the old ones back', async () => {
    const root = await folderWith({ 'k.yaml': 'a: 1\n', 'sub/s.yaml': bom, 'other.yaml': 'x' })
    const before = await contentsOf(root)
    const undo = await writeFiles(root, [change, { path: 'sub/s.yaml', before: bom, after: `${bom}\r\nc: 3` }])
    expect(await contentsOf(root)).toEqual({ ...before, 'k.yaml': 'a: 2\n', 'sub/s.yaml': `${bom}\r\nc: 3` })
    await undo()
    expect(await contentsOf(root)).toEqual(before)
    await undo()
    expect(await contentsOf(root)).toEqual(before)
  })

  test('makes new files with their folders, and undo takes both away', async () => {
    const root = await folderWith({ 'k.yaml': '' })
    const undo = await writeFiles(root, [
      { path: 'a/b/one.yaml', before: undefined, after: '1' },
      { path: 'a/b/two.yaml', before: undefined, after: '2' },
      { path: 'a/three.yaml', before: undefined, after: '3' },
    ])
    expect(await contentsOf(root)).toEqual({
      'k.yaml': '',
      'a/': '',
      'a/b/': '',
      'a/b/one.yaml': '1',
      'a/b/two.yaml': '2',
      'a/three.yaml': '3',
    })
    expect((await disk.stat(path.join(root, 'a/b/one.yaml'))).mode & 0o777).toBe(0o644)
    await undo()
    expect(await contentsOf(root)).toEqual({ 'k.yaml': '' })
  })

  test('keeps the mode, whatever the umask is', async () => {
    const root = await folderWith({ 'k.yaml': 'a: 1\n' })
    await disk.chmod(path.join(root, 'k.yaml'), 0o775)
    const undo = await writeFiles(root, [change])
    expect((await disk.stat(path.join(root, 'k.yaml'))).mode & 0o7777).toBe(0o775)
    await undo()
    expect((await disk.stat(path.join(root, 'k.yaml'))).mode & 0o7777).toBe(0o775)
  })

  test('follows a link inside of the root, and leaves the link', async () => {
    const root = await folderWith({ 'base/k.yaml': 'a: 1\n' })
    await disk.symlink('base/k.yaml', path.join(root, 'k.yaml'))
    await writeFiles(root, [change])
    expect(await disk.readlink(path.join(root, 'k.yaml'))).toBe('base/k.yaml')
    expect(await disk.readFile(path.join(root, 'base/k.yaml'), 'utf8')).toBe('a: 2\n')
  })

  test('makes a file in a linked folder of the root', async () => {
    const root = await folderWith({ 'base/k.yaml': '' })
    await disk.symlink('base', path.join(root, 'link'))
    await writeFiles(root, [{ path: 'link/sub/new.yaml', before: undefined, after: 'n' }])
    expect(await disk.readFile(path.join(root, 'base/sub/new.yaml'), 'utf8')).toBe('n')
  })
})

describe('undo', () => {
  test('leaves alone what somebody has changed since, and restores the rest', async () => {
    const root = await folderWith({ 'k.yaml': 'a: 1\n', 'l.yaml': 'l' })
    const undo = await writeFiles(root, [change, { path: 'l.yaml', before: 'l', after: 'm' }])
    await disk.writeFile(path.join(root, 'l.yaml'), 'mine')
    const failure = await failureOf(undo())
    expect(failure).toMatchObject({ id: 'file-changed-since', exit: 'partly' })
    expect(failure.message).toBe('Not everything could be put back: l.yaml has been changed by somebody else since.')
    expect(await contentsOf(root)).toEqual({ 'k.yaml': 'a: 1\n', 'l.yaml': 'mine' })
  })

  test('leaves a folder that somebody has put something into', async () => {
    const root = await folderWith({})
    const undo = await writeFiles(root, [{ path: 'a/n.yaml', before: undefined, after: 'n' }])
    await disk.writeFile(path.join(root, 'a/mine'), '')
    await undo()
    expect(await contentsOf(root)).toEqual({ 'a/': '', 'a/mine': '' })
  })
})

describe('checks before the first write: one bad file, and no file is touched', () => {
  test.each<[row: string, edit: { path: string; before: string | undefined; after: string }, id: string]>([
    ['changed since it was read', { path: 'bad.yaml', before: 'other', after: 'x' }, 'file-changed'],
    ['gone since it was read', { path: 'gone.yaml', before: 'x', after: 'y' }, 'file-changed'],
    ['there already', { path: 'bad.yaml', before: undefined, after: 'y' }, 'file-changed'],
    ['a link that leads nowhere', { path: 'nowhere.yaml', before: undefined, after: 'y' }, 'file-changed'],
    ['a folder', { path: 'folder', before: '', after: 'y' }, 'file-is-folder'],
    ['below a file', { path: 'bad.yaml/x', before: undefined, after: 'y' }, 'file-path-broken'],
    ['a link out of the root', { path: 'out.yaml', before: 'outside', after: 'y' }, 'symlink-leaves-tree'],
    ['a new file behind a link out of the root', { path: 'out/new/n.yaml', before: undefined, after: 'y' }, 'symlink-leaves-tree'],
    ['a path out of the root', { path: '../o.yaml', before: undefined, after: 'y' }, 'symlink-leaves-tree'],
    ['an absolute path', { path: '/o.yaml', before: undefined, after: 'y' }, 'symlink-leaves-tree'],
    ['a link in a circle', { path: 'circle.yaml', before: 'x', after: 'y' }, 'link-loop'],
    ['read-only', { path: 'locked.yaml', before: 'x', after: 'y' }, 'file-read-only'],
    ['the same file by another name', { path: 'same.yaml', before: 'a: 1\n', after: 'y' }, 'file-twice'],
  ])('%s', async (_row, edit, id) => {
    const outside = await folderWith({ 'o.yaml': 'outside' })
    const root = await folderWith({ 'k.yaml': 'a: 1\n', 'bad.yaml': 'bad', 'locked.yaml': 'x', 'folder/f': '' })
    const at = (name: string) => path.join(root, name)
    await disk.chmod(at('locked.yaml'), 0o444)
    await disk.symlink('missing.yaml', at('nowhere.yaml'))
    await disk.symlink(path.join(outside, 'o.yaml'), at('out.yaml'))
    await disk.symlink(outside, at('out'))
    await disk.symlink('circle.yaml', at('circle.yaml'))
    await disk.symlink('k.yaml', at('same.yaml'))
    const before = [await contentsOf(root), await contentsOf(outside)]
    expect(await failureOf(writeFiles(root, [change, edit]))).toMatchObject({ id, exit: 'blocked' })
    expect([await contentsOf(root), await contentsOf(outside)]).toEqual(before)
  })

  test('bytes that are not UTF-8 are not taken for the text that they were read as', async () => {
    const root = await folderWith({})
    await disk.writeFile(path.join(root, 'k.yaml'), Buffer.from([0x61, 0xff]))
    const before = await disk.readFile(path.join(root, 'k.yaml'), 'utf8')
    expect(await failureOf(writeFiles(root, [{ path: 'k.yaml', before, after: 'x' }]))).toMatchObject({ id: 'file-changed' })
  })
})

import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { codeOf, fileFailure } from '../../src/upstream/files.ts'

function thrown(code: string): Error {
  return Object.assign(new Error(`${code}: the secret is in this message`), { code })
}

describe('fileFailure', () => {
  test.each([
    ['ENOENT', 'file-missing', 'a/b.yaml does not exist.'],
    ['EISDIR', 'file-is-folder', 'a/b.yaml is a folder, not a file.'],
    ['ENOTDIR', 'file-path-broken', 'a/b.yaml does not exist: a part of its path is a file, not a folder.'],
    ['EACCES', 'file-forbidden', 'a/b.yaml may not be written by this user.'],
    ['EPERM', 'file-forbidden', 'a/b.yaml may not be written by this user.'],
    ['EROFS', 'disk-read-only', 'a/b.yaml is on a file system that is mounted read-only.'],
    ['ENOSPC', 'disk-full', 'There is no room left on the disk to write a/b.yaml.'],
    ['EDQUOT', 'disk-full', 'There is no room left on the disk to write a/b.yaml.'],
    ['ELOOP', 'link-loop', 'a/b.yaml is a symbolic link that leads round in a circle.'],
    ['EIO', 'file-not-written', 'a/b.yaml could not be written (EIO).'],
    ['not a code', 'file-not-written', 'a/b.yaml could not be written (unknown error).'],
  ])('%s', (code, id, message) => {
    const failure = fileFailure(thrown(code), 'a/b.yaml', 'write')
    expect(failure).toMatchObject({ id, message, exit: 'blocked' })
    expect(failure.fix.join()).not.toContain('secret')
  })

  test('reading has its own words', () => {
    expect(fileFailure(thrown('EACCES'), 'x', 'read').message).toBe('x may not be read by this user.')
    expect(fileFailure(thrown('EIO'), 'x', 'read')).toMatchObject({ id: 'file-not-read', message: 'x could not be read (EIO).' })
  })

  test('a Failure stays what it is', () => {
    const failure = new Failure({ id: 'file-changed', exit: 'blocked', what: 'It changed.' })
    expect(fileFailure(failure, 'x', 'write')).toBe(failure)
  })

  test('what the path holds cannot reach the terminal', () => {
    expect(fileFailure(thrown('ENOENT'), 'a\u001b[31m\nb', 'read').message).toBe('a b does not exist.')
  })

  test('a path in a command can be pasted', () => {
    expect(fileFailure(thrown('EACCES'), "it's mine", 'read').fix).toEqual([`ls -ld 'it'\\''s mine'`])
  })

  test('the codes are those that Node throws', async () => {
    const missing = path.join(tmpdir(), 'eso-bootstrap-is-not-here', 'x')
    await expect(readFile(missing).catch(codeOf)).resolves.toBe('ENOENT')
    await expect(readFile(tmpdir()).catch((error) => fileFailure(error, 'tmp', 'read').id)).resolves.toBe('file-is-folder')
    await expect(readFile(path.join(import.meta.filename, 'x')).catch(codeOf)).resolves.toBe('ENOTDIR')
    expect(codeOf('text')).toBe('')
  })
})

import path from 'node:path'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { codeOf, fileFailure } from '../upstream/files.ts'
import type { Bytes, Disk } from './atomic.ts'

export interface Edit {
  /** Relative to the root. */
  path: string
  /** Undefined for a file that must not be there yet. */
  before: string | undefined
  after: string
}

/** A file that may be written: looked at, but not touched yet. */
export interface Target {
  path: string
  /** Where it really is, behind symbolic links. */
  file: string
  before: Buffer | undefined
  after: Bytes
  /** Folders to make for it, the outermost first. */
  folders: string[]
}

/**
 * Checks that a file is as it was when the edit was made, that it may be written, and that no symbolic link leads out of the
 * root. Throws a Failure (exit `blocked`).
 */
export async function targetOf(disk: Disk, root: string, edit: Edit): Promise<Target> {
  try {
    const home = await disk.realpath(root)
    const named = path.resolve(home, edit.path)
    refuseOutside(home, named, edit.path)
    return edit.before === undefined ? await newTarget(disk, home, named, edit) : await existingTarget(disk, home, named, edit)
  } catch (error) {
    throw fileFailure(error, edit.path, 'write')
  }
}

async function existingTarget(disk: Disk, home: string, named: string, edit: Edit): Promise<Target> {
  const file = await realpath(disk, named)
  if (file === undefined) throw changed(edit.path, 'has gone')
  refuseOutside(home, file, edit.path)
  const before = await disk.readFile(file)
  if (!before.equals(Buffer.from(edit.before ?? ''))) throw changed(edit.path, 'has changed')
  const { mode, uid, gid } = await disk.stat(file)
  // Root may write anything, but whoever took the write bits away meant it.
  if ((mode & 0o222) === 0) throw readOnly(edit.path)
  await disk.access(file, disk.constants.W_OK)
  await disk.access(path.dirname(file), disk.constants.W_OK)
  return {
    path: edit.path,
    file,
    before,
    after: { content: Buffer.from(edit.after), mode: mode & 0o7777, owner: { uid, gid } },
    folders: [],
  }
}

async function newTarget(disk: Disk, home: string, named: string, edit: Edit): Promise<Target> {
  if (await isThere(disk, named)) throw changed(edit.path, 'has appeared')
  const folders: string[] = []
  let nearest = path.dirname(named)
  while (!(await isThere(disk, nearest))) {
    folders.unshift(nearest)
    nearest = path.dirname(nearest)
  }
  const real = await disk.realpath(nearest)
  refuseOutside(home, real, edit.path)
  await disk.access(real, disk.constants.W_OK)
  const below = (place: string) => path.join(real, path.relative(nearest, place))
  return {
    path: edit.path,
    file: below(named),
    before: undefined,
    after: { content: Buffer.from(edit.after), mode: 0o644 },
    folders: folders.map(below),
  }
}

function refuseOutside(home: string, file: string, shown: string): void {
  const way = path.relative(home, file)
  if (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)) return
  throw new Failure({
    id: 'symlink-leaves-tree',
    exit: 'blocked',
    what: `${plain(shown)} leads to a place outside of the repository.`,
    why: 'What is changed there is in no commit, so Flux would never see it.',
    fix: 'Put the file itself into the repository, or name the repository that it is in with --repo.',
  })
}

function changed(shown: string, how: string): Failure {
  return new Failure({
    id: 'file-changed',
    exit: 'blocked',
    what: `${plain(shown)} ${how} since it was read.`,
    why: 'Another program, or a person, is working on it. Nothing was written.',
    fix: 'Run the same command again: it starts from what the file says now.',
  })
}

function readOnly(shown: string): Failure {
  return new Failure({
    id: 'file-read-only',
    exit: 'blocked',
    what: `${plain(shown)} is read-only.`,
    fix: `chmod u+w ${shellWord(plain(shown))}`,
  })
}

async function realpath(disk: Disk, file: string): Promise<string | undefined> {
  try {
    return await disk.realpath(file)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A symbolic link is there even if it leads nowhere. */
async function isThere(disk: Disk, file: string): Promise<boolean> {
  try {
    await disk.lstat(file)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

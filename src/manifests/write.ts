import * as nodeDisk from 'node:fs/promises'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { codeOf, fileFailure } from '../upstream/files.ts'
import { bytesAt, type Disk, replace, stage } from './atomic.ts'
import { type Edit, type Target, targetOf } from './target.ts'

/**
 * Writes the files of a repository: all of them, or none. Everything that can be checked is checked for all before the first
 * is touched, and each takes its place in one step. Hands back the undo, which restores the bytes, takes new files and folders
 * away, and leaves alone what somebody has changed since (it then throws a Failure that names it, exit `partly`).
 * Throws a Failure (exit `blocked`) with everything as it was: `file-changed`, `file-read-only`, `symlink-leaves-tree`,
 * or what the disk says (see upstream/files.ts).
 */
export async function writeFiles(root: string, edits: readonly Edit[], disk: Disk = nodeDisk): Promise<() => Promise<void>> {
  const targets = await Promise.all(edits.map((edit) => targetOf(disk, root, edit)))
  refuseTwins(targets)
  const staged = new Map<string, Target>()
  const folders: string[] = []
  const written: Target[] = []
  const undo = () => restore(disk, written, folders)
  let current = ''
  try {
    for (const target of targets) {
      current = target.path
      await makeFolders(disk, target, folders)
      staged.set(await stage(disk, target.file, target.after), target)
    }
    for (const [temporary, target] of staged) {
      current = target.path
      await disk.rename(temporary, target.file)
      staged.delete(temporary)
      written.push(target)
    }
  } catch (error) {
    await Promise.allSettled([...staged.keys()].map((temporary) => disk.rm(temporary, { force: true })))
    await undo()
    throw fileFailure(error, current, 'write')
  }
  return undo
}

/** What can be checked without touching anything, as `writeFiles` checks it: throws the same Failures. */
export async function checkFiles(root: string, edits: readonly Edit[], disk: Disk = nodeDisk): Promise<void> {
  refuseTwins(await Promise.all(edits.map((edit) => targetOf(disk, root, edit))))
}

async function makeFolders(disk: Disk, target: Target, made: string[]): Promise<void> {
  for (const folder of target.folders) {
    if (made.includes(folder)) continue
    await disk.mkdir(folder, 0o755)
    made.push(folder)
  }
}

/** Restores as much as it can, and then says what it could not. Does nothing the second time. */
async function restore(disk: Disk, written: readonly Target[], folders: readonly string[]): Promise<void> {
  const failures: Failure[] = []
  for (const target of written.toReversed()) {
    try {
      await restoreOne(disk, target)
    } catch (error) {
      failures.push(fileFailure(error, target.path, 'write'))
    }
  }
  for (const folder of folders.toReversed()) {
    await disk.rmdir(folder).catch((error: unknown) => {
      // Somebody has put something into it, or has taken it away already.
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) failures.push(fileFailure(error, folder, 'write'))
    })
  }
  const [first] = failures
  if (!first) return
  throw new Failure({
    id: first.id,
    exit: 'partly',
    what: `Not everything could be put back: ${failures.map(({ message }) => message).join(' ')}`,
    ...(first.why === undefined ? {} : { why: first.why }),
    fix: ['git diff', ...first.fix],
  })
}

async function restoreOne(disk: Disk, { path, file, before, after }: Target): Promise<void> {
  const now = await bytesAt(disk, file)
  if (same(now, before)) return
  if (!same(now, after.content)) {
    throw new Failure({ id: 'file-changed-since', exit: 'partly', what: `${plain(path)} has been changed by somebody else since.` })
  }
  if (before) await replace(disk, file, { ...after, content: before })
  else await disk.unlink(file)
}

function same(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other)
}

function refuseTwins(targets: readonly Target[]): void {
  const twin = targets.find(({ file }, index) => targets.findIndex((other) => other.file === file) !== index)
  if (!twin) return
  throw new Failure({
    id: 'file-twice',
    exit: 'blocked',
    what: `${plain(twin.path)} is a link to another file that is to be changed as well.`,
    fix: 'Name the folder that holds the file itself with --path.',
  })
}

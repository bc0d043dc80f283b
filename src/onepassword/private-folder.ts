import { rmSync } from 'node:fs'
import { lstat, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '../failure.ts'

/** TMPFS_MAGIC, https://man7.org/linux/man-pages/man2/statfs.2.html */
const tmpfs = 0x01021994

/**
 * Calls `act` with an empty folder that no other user may enter, in memory where the machine has such a place. However `act`
 * ends, and also if this process is told to exit, the folder is gone afterwards with all that is in it. What stood on a disk
 * is not written over first: flash and copy-on-write would put the new bytes elsewhere.
 * Throws what `act` throws, or a Failure `folder-not-made` or `folder-left`.
 */
export async function inPrivateFolder<T>(
  act: (folder: string) => Promise<T>,
  { memory = '/dev/shm', removes = remove }: { memory?: string; removes?: typeof remove } = {},
): Promise<T> {
  const folder = await make(memory)
  const atExit = () => {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // Nobody is there any more to be told.
    }
  }
  process.once('exit', atExit)
  try {
    return await act(folder)
  } finally {
    await removes(folder)
    await requireGone(folder)
    process.off('exit', atExit)
  }
}

async function make(memory: string): Promise<string> {
  const isMemory = await statfs(memory).then(
    ({ type }) => type === tmpfs,
    () => false,
  )
  const here = await (isMemory ? within(memory) : undefined)?.catch(() => undefined)
  if (here !== undefined) return here
  try {
    return await within(tmpdir())
  } catch (error) {
    throw new Failure({
      id: 'folder-not-made',
      exit: 'blocked',
      what: `No folder can be made in ${tmpdir()} (${codeOf(error)}).`,
      fix: 'Set TMPDIR to a folder that you may write to.',
    })
  }
}

/** Made with mode 0700, https://man7.org/linux/man-pages/man3/mkdtemp.3.html */
function within(folder: string): Promise<string> {
  return mkdtemp(join(folder, 'eso-bootstrap-'))
}

async function remove(folder: string): Promise<void> {
  // A program that is being killed may still put a file into it.
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }).catch(() => undefined)
}

async function requireGone(folder: string): Promise<void> {
  const isGone = await lstat(folder).then(
    () => false,
    (error) => codeOf(error) === 'ENOENT',
  )
  if (isGone) return
  throw new Failure({
    id: 'folder-left',
    exit: 'partly',
    what: `The folder ${folder} could not be removed.`,
    why: 'It may hold a secret that 1Password gave.',
    fix: `rm -r ${folder}`,
  })
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}

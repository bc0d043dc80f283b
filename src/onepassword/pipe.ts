import { constants } from 'node:fs'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, run } from '../child.ts'
import { Failure } from '../failure.ts'

/**
 * Calls `begin` with the descriptor of a pipe, for the standard input of the child that it starts at once, and sends the text
 * through it. The pipe has a name for a moment, in this folder, and none when the text goes in. Node gives its children a socket,
 * and `op` takes a template from nothing but a pipe: https://github.com/dmno-dev/varlock/pull/957,
 * https://github.com/diazoxide/charter/issues/78. Throws what `begin` throws, a Failure `no-pipe`, or the signal's reason.
 */
export async function throughPipe<T>(
  text: string,
  { folder, env, signal }: { folder: string; env: Environment; signal?: AbortSignal | undefined },
  begin: (stdin: number) => Promise<T>,
): Promise<T> {
  const path = join(folder, 'pipe')
  await make(path, env, signal)
  const { reads, writes } = await openBoth(path)
  // The child has a copy of its end by now; with ours open nobody would notice that it ended without reading.
  const began = begin(reads.fd)
  const sent = reads
    .close()
    .then(() => writes.writeFile(text))
    // Then the child's exit code tells.
    .catch(() => undefined)
    .finally(() => writes.close())
  const [ended] = await Promise.all([began, sent])
  return ended
}

async function openBoth(path: string): Promise<{ reads: FileHandle; writes: FileHandle }> {
  const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants
  // To open one end waits for the other, but for this.
  const first = await open(path, O_RDONLY | O_NONBLOCK)
  try {
    return { writes: await open(path, O_WRONLY), reads: await open(path, O_RDONLY) }
  } finally {
    await first.close()
    await unlink(path)
  }
}

async function make(path: string, env: Environment, signal: AbortSignal | undefined): Promise<void> {
  const made = await run('mkfifo', ['-m', '600', path], { env, deadline: 10_000, signal }).catch((error) => {
    if (error instanceof Failure) return undefined
    throw error
  })
  if (made?.code === 0) return
  throw new Failure({
    id: 'no-pipe',
    exit: 'blocked',
    what: made === undefined ? 'There is no mkfifo on the PATH.' : `mkfifo could not make a pipe; it ended with exit code ${made.code}.`,
    why: 'op takes an item from nothing but a pipe, and no secret goes into a file or into an argument.',
    fix: 'Install coreutils, or leave --keep-in out.',
  })
}

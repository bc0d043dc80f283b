import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Failure } from '../failure.ts'

export type What = 'credentials' | 'token'

/** Both are a few kilobytes; whatever is larger is something else, and isn't read at all. */
const limit = 1024 * 1024

/** The text of a file, and a note if others can read it. `place` is how the file is called in messages. */
export async function readSecretFile(path: string, what: What, place: string): Promise<{ text: string; notes: string[] }> {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY)
    const stat = await file.stat()
    if (stat.isDirectory()) throw isFolder(what, place)
    refuseSize(stat.size, what, place)
    // A pipe, as `<(sops -d file)` makes one, has no size, and no mode that means anything.
    const exposed = stat.isFile() && process.platform !== 'win32' && (stat.mode & 0o077) !== 0
    const notes = exposed ? [`Other users of this machine can read ${place}: chmod 600 ${place}`] : []
    return { text: (await readUpTo(file)).toString(), notes }
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(error, what, place)
  } finally {
    await file?.close()
  }
}

/** One byte more than the limit, so that a larger pipe is noticed; in chunks, because a pipe gives what it has. */
async function readUpTo(file: FileHandle): Promise<Buffer> {
  const buffer = Buffer.alloc(limit + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}

/** Throws a Failure if this is more than credentials or a token can be. */
export function refuseSize(bytes: number, what: What, place: string): void {
  if (bytes <= limit) return
  throw new Failure({
    id: `${what}-too-large`,
    exit: 'usage',
    what: `${place} is larger than 1 MB.`,
    why: `1Password's ${what === 'token' ? 'tokens are' : 'credentials file is'} a few kilobytes: this is another file.`,
    fix: `Name the right source with --${what}.`,
  })
}

function isFolder(what: What, place: string): Failure {
  return new Failure({
    id: `${what}-is-folder`,
    exit: 'usage',
    what: `${place} is a folder; --${what} takes a file.`,
    fix:
      what === 'credentials'
        ? `eso-bootstrap init --credentials ${place.replace(/\/+$/, '')}/1password-credentials.json`
        : 'Name the file in it.',
  })
}

function unreadable(error: unknown, what: What, place: string): Failure {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  if (code === 'EISDIR') return isFolder(what, place)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Failure({
      id: `${what}-missing`,
      exit: 'usage',
      what: `There is no file ${place}.`,
      fix: `Name the right file with --${what}.`,
    })
  }
  return new Failure({
    id: `${what}-unreadable`,
    exit: 'usage',
    what: `The file ${place} cannot be read (${code}).`,
    ...(code === 'EACCES' || code === 'EPERM' ? { why: 'You have no permission to read it.', fix: `ls -l ${place}` } : {}),
  })
}

import { randomBytes } from 'node:crypto'
import type * as fs from 'node:fs/promises'
import path from 'node:path'
import { codeOf } from '../upstream/files.ts'

/** The calls that reach the disk; tests put failing ones in their place. */
export type Disk = typeof fs

export interface Bytes {
  content: Buffer
  mode: number
  /** Root keeps the file's owner; anybody else may only write as themselves. */
  owner?: { uid: number; gid: number }
}

/** Writes the bytes to a new file beside `file`, down to the disk, and hands back its name. A failure leaves nothing behind. */
export async function stage(disk: Disk, file: string, { content, mode, owner }: Bytes): Promise<string> {
  const temporary = path.join(path.dirname(file), `.eso-bootstrap-${randomBytes(6).toString('hex')}.tmp`)
  // wx is O_CREAT | O_EXCL: it follows no link and takes over no file.
  const handle = await disk.open(temporary, 'wx', mode)
  try {
    await handle.writeFile(content)
    // open() leaves out what the umask forbids.
    await handle.chmod(mode)
    if (owner && process.getuid?.() === 0) await handle.chown(owner.uid, owner.gid)
    await handle.sync()
    await handle.close()
  } catch (error) {
    await handle.close().catch(() => undefined)
    await disk.rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  return temporary
}

/** The file has its old bytes or the new ones, never a part of them. */
export async function replace(disk: Disk, file: string, bytes: Bytes): Promise<void> {
  const temporary = await stage(disk, file, bytes)
  try {
    await disk.rename(temporary, file)
  } catch (error) {
    await disk.rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/** The bytes of a file; undefined if there is none. */
export async function bytesAt(disk: Disk, file: string): Promise<Buffer | undefined> {
  try {
    return await disk.readFile(file)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

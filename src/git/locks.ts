import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The locks that `git commit` holds while hooks and signing run. */
const pattern = /^(index|next-index-\d+)\.lock$/

export async function readLocks(gitFolder: string): Promise<string[]> {
  return (await readdir(gitFolder)).filter((name) => pattern.test(name))
}

/** Removes the locks that a git of ours left when it was ended by force; those that were there before it are others'. */
export async function removeLocks(gitFolder: string, before: readonly string[]): Promise<void> {
  const left = (await readLocks(gitFolder)).filter((name) => !before.includes(name))
  await Promise.all(left.map((name) => rm(join(gitFolder, name), { force: true })))
}

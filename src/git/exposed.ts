import { realpath } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { type GitCall, git } from './git.ts'
import type { Repository } from './repository.ts'

/**
 * Which of these files, that hold secrets, lie in the working tree where the next `git add` would take them, or are
 * tracked already. Symbolic links are followed; files that don't exist, and those in git's own folder, are left out.
 */
export async function exposedSecrets(repository: Repository, paths: readonly string[]): Promise<string[]> {
  const exposed = await Promise.all(paths.map((path) => repository.exposed(path)))
  return paths.filter((_, index) => exposed[index])
}

/** Is this file in the working tree under `root`, and tracked or not ignored? */
export async function isExposed(root: string, path: string, call: GitCall): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined || !real.startsWith(`${root}${sep}`)) return false
  if (real.startsWith(join(root, '.git') + sep)) return false
  // Asked in the file's own folder: it may belong to a submodule, or to a clone inside this one.
  const folder = dirname(real)
  const name = basename(real)
  const listed = await git(folder, ['ls-files', '-z', '--', `:(literal)${name}`], call)
  if (listed.code !== 0 || listed.stdout !== '') return true
  const ignored = await git(folder, ['check-ignore', '-z', '--stdin'], { ...call, input: `./${name}\0` })
  return ignored.code !== 0
}

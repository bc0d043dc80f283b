import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'

/**
 * The kubeconfig files that a path with `*` and `?` in its last part matches, in the order of their names. Throws a Failure
 * where there is none.
 */
export async function kubeconfigsMatching(glob: string): Promise<string[]> {
  const folder = dirname(glob)
  const names = await readdir(folder).catch(() => [])
  const pattern = patternOf(basename(glob))
  const found = names.filter((name) => pattern.test(name) && (!name.startsWith('.') || basename(glob).startsWith('.')))
  if (found.length > 0) return found.toSorted().map((name) => join(folder, name))
  throw new Failure({
    id: 'kubeconfigs-missing',
    exit: 'usage',
    what: `No kubeconfig matches ${plain(glob)}.`,
    why: 'Only the name of the file may hold * and ?; a folder is named as it is.',
    fix: `ls ${plain(folder)}`,
  })
}

function patternOf(name: string): RegExp {
  const parts = name.split(/([*?])/).map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[\\^$.+()|[\]{}]/g, '\\$&')))
  return new RegExp(`^${parts.join('')}$`)
}

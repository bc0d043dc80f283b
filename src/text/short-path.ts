import { relative, sep } from 'node:path'

/** A path as a person would type it: from `~` if it is in their home, else from the folder they are in. */
export function shortPath(path: string, { home, cwd }: { home: string; cwd: string }): string {
  if (path === home || path.startsWith(home + sep)) return `~${path.slice(home.length)}`
  return relative(cwd, path) || path
}

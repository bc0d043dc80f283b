import { createTwoFilesPatch } from 'diff'

/** The change of one file as `git diff` shows it; '' if there is none. `before` is undefined for a new file. */
export function unifiedDiff(path: string, before: string | undefined, after: string): string {
  if (before === after) return ''
  const old = before === undefined ? '/dev/null' : `a/${path}`
  const patch = createTwoFilesPatch(old, `b/${path}`, before ?? '', after, undefined, undefined, { context: 3 })
  return patch.replace(/^=+\r?\n/, '')
}

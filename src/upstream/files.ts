import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'

interface Words {
  id: string
  what: (path: string, doing: string) => string
  fix?: (path: string) => string
}

const forbidden: Words = {
  id: 'file-forbidden',
  what: (path, doing) => `${path} may not be ${doing} by this user.`,
  fix: (path) => `ls -ld ${shellWord(path)}`,
}
const diskFull: Words = {
  id: 'disk-full',
  what: (path) => `There is no room left on the disk to write ${path}.`,
  fix: (path) => `Make room (df -h shows where), or have the quota raised; the disk is that of ${path}.`,
}

/** The codes are those of errno(3), as Node names them: https://nodejs.org/api/errors.html#common-system-errors */
const words: Readonly<Record<string, Words>> = {
  ENOENT: { id: 'file-missing', what: (path) => `${path} does not exist.` },
  EISDIR: { id: 'file-is-folder', what: (path) => `${path} is a folder, not a file.` },
  ENOTDIR: { id: 'file-path-broken', what: (path) => `${path} does not exist: a part of its path is a file, not a folder.` },
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: { id: 'disk-read-only', what: (path) => `${path} is on a file system that is mounted read-only.` },
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  ELOOP: { id: 'link-loop', what: (path) => `${path} is a symbolic link that leads round in a circle.` },
  ENAMETOOLONG: { id: 'file-name-too-long', what: (path) => `${path} is longer than the file system allows.` },
  EEXIST: { id: 'file-exists', what: (path) => `${path} exists already.` },
  EFBIG: { id: 'file-too-big', what: (path) => `${path} would be larger than this user may write.` },
  EMFILE: { id: 'files-open', what: (path, doing) => `${path} could not be ${doing}: too many files are open (ulimit -n).` },
}

/**
 * Our words for what a file call threw; a Failure is handed back as it is. An error's own message is not used,
 * only its code.
 */
export function fileFailure(error: unknown, path: string, doing: 'read' | 'write'): Failure {
  if (error instanceof Failure) return error
  const shown = plain(path)
  const done = doing === 'read' ? 'read' : 'written'
  const code = codeOf(error)
  const known = words[code]
  if (known === undefined) {
    return new Failure({ id: `file-not-${done}`, exit: 'blocked', what: `${shown} could not be ${done} (${code || 'unknown error'}).` })
  }
  return new Failure({
    id: known.id,
    exit: 'blocked',
    what: known.what(shown, done),
    ...(known.fix ? { fix: known.fix(shown) } : {}),
  })
}

/** The errno code of what a file call threw, or ''. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z][A-Z0-9_]*$/.test(code) ? code : ''
}

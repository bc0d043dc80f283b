import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { type CommitAttempt, commitFailure, hookAddedFiles, messageTime, nothingToCommit } from './commit-failure.ts'
import { type Entries, readDisk, readEntries, readTree, writeEntries } from './entries.ts'
import { type GitCall, git, gitOutput, literally } from './git.ts'
import { readLocks, removeLocks } from './locks.ts'
import { checkPaths } from './preflight.ts'
import type { Repository } from './repository.ts'

export interface CommitOptions {
  /** Exactly these files, from the repository's root or absolute. */
  paths: readonly string[]
  message: string
  env: Environment
  /** A person is there to type the passphrase of a signing key. */
  terminal: boolean
  signal: AbortSignal | undefined
  /** Milliseconds for hooks and signing together: two minutes, ten with a terminal. */
  deadline?: number
}

export interface Commit {
  sha: string
  /** Files that a hook changed: what is committed or on disk now is not what the caller wrote. */
  rewritten: string[]
  /** Takes the commit off its branch again; the files stay as they are. Throws a Failure `commit-not-last` if HEAD has moved on. */
  undo: () => Promise<void>
}

/**
 * Commits these files as they are on disk, with the user's hooks and signing, and nothing else: what others have
 * staged stays staged and out of the commit. If it fails, HEAD and the index are as before and no lock is left.
 * Throws the Failures of `checkCommit` (src/git/preflight.ts), and `nothing-to-commit`, `hook-rejected`, `hook-added-files`, `signing-failed`,
 * `commit-deadline`, `commit-failed`.
 */
export async function commit(repository: Repository, options: CommitOptions): Promise<Commit> {
  await checkPaths(repository, options.paths)
  const { root } = repository
  const call: GitCall = { env: options.env }
  const paths = await Promise.all(options.paths.map(async (path) => (await repository.inside(path)) ?? path))
  const before = await snapshot(repository, paths, call)
  const locks = await readLocks(repository.gitFolder)
  const takeBack = async () => {
    await removeLocks(repository.gitFolder, locks)
    await writeEntries(root, paths, before.entries, call)
  }
  const attempt: CommitAttempt = { repository, paths, options, lastMessage: await messageTime(repository.gitFolder) }
  try {
    // An unknown path is no pathspec for `git commit`; this makes it known without staging its content.
    const fresh = paths.filter((path) => !before.entries.has(path))
    if (fresh.length > 0) await gitOutput(root, ['add', '--intent-to-add', '--', ...literally(fresh)], call)
    if (!(await differs(root, paths, before.head, call))) throw nothingToCommit(attempt)
    const deadline = options.deadline ?? (options.terminal ? 600_000 : 120_000)
    const answer = await git(root, ['commit', '--quiet', '--only', '--message', options.message, '--', ...literally(paths)], {
      ...call,
      deadline,
      terminal: options.terminal,
      signal: options.signal,
    }).catch(async (error: unknown) => {
      throw error instanceof Failure && error.id === 'command-deadline' ? await commitFailure(attempt, 'deadline') : error
    })
    if (answer.code !== 0) throw await commitFailure(attempt, answer)
    const sha = (await gitOutput(root, ['rev-parse', 'HEAD'], call)).trim()
    const [strangers, committed, disk] = await Promise.all([
      otherFiles(root, sha, paths, call),
      readTree(root, sha, paths, call),
      readDisk(root, paths, call),
    ])
    if (strangers.length > 0) throw hookAddedFiles(attempt, strangers)
    // What a hook rewrote: the index is brought up to the commit, as git leaves there what was staged before the hook.
    const rewritten = paths.filter(
      (path) => committed.get(path)?.blob !== before.disk.get(path) || disk.get(path) !== before.disk.get(path),
    )
    if (rewritten.length > 0) await writeEntries(root, rewritten, committed, call)
    return { sha, rewritten, undo: () => undo(repository, { sha, paths, before, call }) }
  } catch (error) {
    // It may have come as far as the commit: a hook that runs after it can hang too, and files may have been added by one.
    const head = await repository.resolve('HEAD')
    const ours = head !== undefined && head !== before.head && (await repository.resolve(`${head}^`)) === before.head
    await takeBack()
    if (ours) await moveHead(root, head, before.head, call)
    throw error
  }
}

interface Before {
  head: string | undefined
  branch: string | undefined
  entries: Entries
  disk: ReadonlyMap<string, string>
}

async function snapshot(repository: Repository, paths: readonly string[], call: GitCall): Promise<Before> {
  const [head, branch, entries, disk] = await Promise.all([
    repository.head(),
    repository.branch(),
    readEntries(repository.root, paths, call),
    readDisk(repository.root, paths, call),
  ])
  return { head, branch, entries, disk }
}

async function differs(root: string, paths: readonly string[], head: string | undefined, call: GitCall): Promise<boolean> {
  if (head === undefined) return true
  return (await git(root, ['diff', '--quiet', head, '--', ...literally(paths)], { ...call, reads: true })).code !== 0
}

async function otherFiles(root: string, sha: string, paths: readonly string[], call: GitCall): Promise<string[]> {
  const args = ['diff-tree', '-r', '-z', '--root', '--no-commit-id', '--name-only', '--no-renames', sha]
  const names = (await gitOutput(root, args, { ...call, reads: true })).split('\0')
  return names.filter((name) => name !== '' && !paths.includes(name))
}

async function undo(repository: Repository, made: { sha: string; paths: readonly string[]; before: Before; call: GitCall }) {
  const { sha, paths, before, call } = made
  const [head, branch] = await Promise.all([repository.head(), repository.branch()])
  if (head !== sha || branch !== before.branch) {
    throw new Failure({
      id: 'commit-not-last',
      exit: 'partly',
      what: `The commit ${sha.slice(0, 8)} could not be taken back: ${plain(branch ?? 'HEAD')} has moved on since.`,
      fix: `git revert ${sha.slice(0, 8)}`,
    })
  }
  await writeEntries(repository.root, paths, before.entries, call)
  await moveHead(repository.root, sha, before.head, call)
}

/** Moves HEAD's branch, unless somebody else has just moved it; index and files stay. */
async function moveHead(root: string, from: string, to: string | undefined, call: GitCall): Promise<void> {
  const reason = ['-m', 'eso-bootstrap: take the commit back']
  await gitOutput(
    root,
    to === undefined ? ['update-ref', ...reason, '-d', 'HEAD', from] : ['update-ref', ...reason, 'HEAD', to, from],
    call,
  )
}

import { access, constants, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Child } from '../child.ts'
import { Failure, type FailureText } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import type { CommitOptions } from './commit.ts'
import { gitOutput } from './git.ts'
import { identityMissing, indexLocked } from './preflight.ts'
import type { Repository } from './repository.ts'

export interface CommitAttempt {
  repository: Repository
  paths: readonly string[]
  options: CommitOptions
  /** When the last commit message was written, before this attempt. */
  lastMessage: number | undefined
}

/** Why `git commit` failed, in our words: what hooks print may hold anything, also what they found in the user's files. */
export async function commitFailure(attempt: CommitAttempt, answer: Child | 'deadline'): Promise<Failure> {
  if (answer === 'deadline') {
    return failure(attempt, {
      id: 'commit-deadline',
      what: 'git commit did not end in time; it was stopped.',
      why: `${(await signs(attempt)) ? 'Commits are signed here (commit.gpgsign): the key may be waiting for its passphrase' : 'A commit hook may be waiting for something'}.`,
    })
  }
  if (/index\.lock': File exists/.test(answer.stderr)) return indexLocked(attempt.repository)
  if (/tell me who you are|ident name|auto-detect email/.test(answer.stderr)) return identityMissing()
  if (/failed to sign|failed to write commit object|Couldn't sign/.test(answer.stderr)) return signingFailed(attempt)
  const hooks = await suspects(attempt)
  if (answer.code === 1 && hooks.length > 0) {
    return failure(attempt, {
      id: 'hook-rejected',
      what: `The ${hooks.join(' or ')} hook rejected the commit.`,
      why: 'Hooks are never skipped. What it has to say is shown when you commit yourself.',
    })
  }
  return failure(attempt, { id: 'commit-failed', what: `git commit ended with exit code ${answer.code}.` })
}

export function signingFailed(attempt: Pick<CommitAttempt, 'repository' | 'paths' | 'options'>): Failure {
  return failure(attempt, {
    id: 'signing-failed',
    what: 'The commit could not be signed.',
    why: 'Commits are signed here (commit.gpgsign), and the key could not be used: it may be locked, expired or absent.',
  })
}

export function hookAddedFiles(attempt: CommitAttempt, names: string[]): Failure {
  return failure(attempt, {
    id: 'hook-added-files',
    what: `A commit hook added files that are not ours: ${plain(names.join(', '), 200)}.`,
    why: 'Only the files that the plan shows are committed, so the commit was taken back.',
  })
}

export function nothingToCommit({ repository, paths }: CommitAttempt): Failure {
  return new Failure({
    id: 'nothing-to-commit',
    exit: 'blocked',
    what: `There is nothing to commit in ${plain(paths.join(', '), 200)}.`,
    fix: `git -C ${shellWord(repository.root)} status`,
  })
}

function failure({ repository, paths, options }: Pick<CommitAttempt, 'repository' | 'paths' | 'options'>, text: Omit<FailureText, 'exit'>) {
  const at = `git -C ${shellWord(repository.root)}`
  const files = paths.map(shellWord).join(' ')
  return new Failure({
    exit: 'blocked',
    ...text,
    fix: [
      'Run again with --git none, and commit yourself:',
      `${at} add -- ${files}`,
      `${at} commit -m ${shellWord(options.message)} -- ${files}`,
    ],
  })
}

async function signs({ repository, options }: CommitAttempt): Promise<boolean> {
  const answer = await gitOutput(repository.root, ['config', '--type=bool', '--default=false', '--get', 'commit.gpgsign'], {
    env: options.env,
    reads: true,
  })
  return answer.trim() === 'true'
}

/**
 * Which hook can it have been? git doesn't say, but it writes the message between `pre-commit` and the other two.
 * https://git-scm.com/docs/githooks
 */
async function suspects({ repository, options, lastMessage }: CommitAttempt): Promise<string[]> {
  const { root, gitFolder } = repository
  const folder = (await gitOutput(root, ['rev-parse', '--git-path', 'hooks'], { env: options.env, reads: true })).trim()
  const installed: string[] = []
  for (const name of ['pre-commit', 'prepare-commit-msg', 'commit-msg']) {
    await access(join(resolve(root, folder), name), constants.X_OK).then(
      () => installed.push(name),
      () => {},
    )
  }
  const past = (await messageTime(gitFolder)) !== lastMessage
  const possible = installed.filter((name) => (name === 'pre-commit') !== past)
  return possible.length > 0 ? possible : installed
}

/** When git last wrote a commit's message down; undefined if it never did. */
export async function messageTime(gitFolder: string): Promise<number | undefined> {
  const written = await stat(join(gitFolder, 'COMMIT_EDITMSG')).catch(() => undefined)
  return written?.mtimeMs
}

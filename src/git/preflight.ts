import { join } from 'node:path'
import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import type { Busy } from './busy.ts'
import { git } from './git.ts'
import { readLocks } from './locks.ts'
import type { Repository } from './repository.ts'

/**
 * Can these paths be committed here and now? Reads only, so that it can be asked before anything is changed.
 * Throws Failures `repository-busy`, `index-locked`, `identity-missing`, `outside-repository`, `file-ignored`.
 */
export async function checkCommit(repository: Repository, options: { paths: readonly string[]; env: Environment }): Promise<void> {
  await allAtOnce(checkPaths(repository, options.paths), checkIdentity(repository, options.env))
}

async function checkIdentity({ root }: Repository, env: Environment): Promise<void> {
  const identities = ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT'].map((variable) => git(root, ['var', variable], { env, reads: true }))
  if ((await Promise.all(identities)).some(({ code }) => code !== 0)) throw identityMissing()
}

/** Ends when all have; of several that fail the first one given is thrown, whichever was the faster. */
export async function allAtOnce(...checks: readonly Promise<void>[]): Promise<void> {
  for (const each of await Promise.allSettled(checks)) if (each.status === 'rejected') throw each.reason
}

/** The part of it that may have changed since it was asked; who commits is told by the commit itself. */
export async function checkPaths(repository: Repository, paths: readonly string[]): Promise<void> {
  const busy = await repository.busy()
  if (busy !== undefined) throw repositoryBusy(repository, busy)
  if ((await readLocks(repository.gitFolder)).includes('index.lock')) throw indexLocked(repository)
  const [ignored] = await repository.ignored(paths)
  if (ignored !== undefined) throw fileIgnored(ignored)
}

/**
 * Is this working tree on the branch that Flux reads, and would a push bring nothing but what we commit?
 * Throws Failures `head-detached`, `wrong-branch`, `branch-not-fetched`, `unpushed-commits`.
 */
export async function checkBranch(repository: Repository, wanted: { remote: string; branch: string }): Promise<void> {
  const branch = await repository.branch()
  const name = plain(wanted.branch)
  if (branch === undefined) {
    throw new Failure({
      id: 'head-detached',
      exit: 'blocked',
      what: `No branch is checked out in ${plain(repository.root)} (detached HEAD).`,
      why: `Flux reads the branch ${name}; a commit made here would be on no branch at all.`,
      fix: `git switch ${shellWord(name)}`,
    })
  }
  if (branch !== wanted.branch) {
    throw new Failure({
      id: 'wrong-branch',
      exit: 'blocked',
      what: `The branch ${plain(branch)} is checked out, but Flux reads ${name}.`,
      why: 'What is committed here would not reach the cluster.',
      fix: [`git switch ${shellWord(name)}`, 'Or, for a pull request: --branch <new-branch>'],
    })
  }
  const unpushed = await repository.unpushed(wanted.remote, wanted.branch)
  if (unpushed === undefined) {
    throw new Failure({
      id: 'branch-not-fetched',
      exit: 'blocked',
      what: `This clone has never fetched ${name} from ${plain(wanted.remote)}, so it can't be seen what a push would bring.`,
      fix: `git fetch ${shellWord(wanted.remote)} ${shellWord(`${name}:refs/remotes/${wanted.remote}/${name}`)}`,
    })
  }
  if (unpushed > 0) {
    throw new Failure({
      id: 'unpushed-commits',
      exit: 'blocked',
      what: `${name} holds ${unpushed === 1 ? 'a commit that is' : `${unpushed} commits that are`} not on ${plain(wanted.remote)} yet.`,
      why: `A push would bring ${unpushed === 1 ? 'it' : 'them'} along, and only you know whether that is wanted.`,
      fix: [`git log ${shellWord(`${wanted.remote}/${name}..${name}`)}`, `git push ${shellWord(wanted.remote)} ${shellWord(name)}`],
    })
  }
}

const ends: Record<Busy, string[]> = {
  rebase: ['git rebase --continue', 'Or give it up: git rebase --abort'],
  merge: ['git merge --continue', 'Or give it up: git merge --abort'],
  'cherry-pick': ['git cherry-pick --continue', 'Or give it up: git cherry-pick --abort'],
  revert: ['git revert --continue', 'Or give it up: git revert --abort'],
  bisect: ['git bisect reset'],
}

function repositoryBusy(repository: Repository, busy: Busy): Failure {
  return new Failure({
    id: 'repository-busy',
    exit: 'blocked',
    what: `A ${busy} is under way in ${plain(repository.root)}.`,
    why: 'A commit now would become a part of it.',
    fix: ends[busy],
  })
}

export function indexLocked(repository: Repository): Failure {
  const lock = join(repository.gitFolder, 'index.lock')
  return new Failure({
    id: 'index-locked',
    exit: 'blocked',
    what: `Another git is at work in ${plain(repository.root)}: its lock is there.`,
    why: plain(lock),
    fix: ['Wait until it has ended, and run again.', `If no git is running, one has crashed: rm ${shellWord(lock)}`],
  })
}

export function identityMissing(): Failure {
  return new Failure({
    id: 'identity-missing',
    exit: 'blocked',
    what: 'git does not know who you are, so it can not commit.',
    fix: ['git config --global user.name "Your Name"', 'git config --global user.email you@example.com'],
  })
}

function fileIgnored(path: string): Failure {
  return new Failure({
    id: 'file-ignored',
    exit: 'blocked',
    what: `${plain(path)} is ignored by git, so it can not be committed.`,
    fix: [`See which rule does it: git check-ignore -v ${shellWord(path)}`],
  })
}

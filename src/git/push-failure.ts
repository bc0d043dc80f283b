import { access, constants } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Child } from '../child.ts'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { gitOutput } from './git.ts'
import type { RemoteOptions } from './push.ts'
import type { Repository } from './repository.ts'

/** Why `git push` failed, in our words: what a server prints may hold anything, also the URL with its token. */
export async function pushFailure(repository: Repository, answer: Child, options: RemoteOptions & { sha: string }): Promise<Failure> {
  const said = answer.stderr
  if (/PUSH PROTECTION|cannot contain secrets|Secrets detected/.test(said)) {
    return refused(options, "The server's secret scanning found something in the commit, or in one that goes along with it.")
  }
  if (/\[remote rejected\].*(hook declined|repository rule|TF402455)/.test(answer.stdout)) return branchProtected(answer, options)
  if (/\[remote rejected\].*branch is currently checked out/.test(answer.stdout)) {
    return refused(options, 'It is not a bare repository: the branch is checked out there, and would not match its files any more.')
  }
  if (/\[remote rejected\]/.test(answer.stdout)) return refused(options, 'It was reached, but it did not take the commit.')
  if (!/^fatal: /m.test(said) && (await hasPrePush(repository, options))) {
    return new Failure({
      id: 'hook-rejected',
      exit: 'blocked',
      what: 'The pre-push hook rejected the push.',
      why: 'Hooks are never skipped. What it has to say is shown when you push yourself.',
      fix: [
        'Run again with --git commit, and push yourself:',
        `git -C ${shellWord(repository.root)} push ${shellWord(options.remote)} ${shellWord(`HEAD:${options.branch}`)}`,
      ],
    })
  }
  return remoteFailure(answer, options)
}

/** Why the remote could not be asked or told. */
export function remoteFailure(answer: Child, options: RemoteOptions): Failure {
  const said = answer.stderr
  if (/Host key verification failed/.test(said)) {
    return refused(options, "The server's host key is not known on this machine, so ssh did not connect.")
  }
  if (/terminal prompts disabled|could not read (Username|Password)|Authentication failed|Permission denied|publickey/i.test(said)) {
    return refused(options, 'It asked for credentials, and there were none or they were not accepted.')
  }
  if (/returned error: 40[13]|denied to |read only|write access|not allowed to push|repository .*not found/i.test(said)) {
    return refused(options, 'These credentials may not write to it, or there is no such repository.')
  }
  return unreachable(options, 'The name, the network or the URL may be wrong.')
}

export function unreachable({ remote }: RemoteOptions, why: string): Failure {
  return new Failure({
    id: 'remote-unreachable',
    exit: 'blocked',
    what: `The remote ${plain(remote)} could not be reached.`,
    why,
    fix: [`git ls-remote ${shellWord(remote)}`],
  })
}

export function outrun({ remote, branch }: RemoteOptions): Failure {
  return new Failure({
    id: 'push-outrun',
    exit: 'blocked',
    what: `Others pushed to ${plain(branch)} on ${plain(remote)} each time before our push arrived.`,
    fix: 'Run again in a quieter moment.',
  })
}

export function branchTaken({ remote, branch }: RemoteOptions): Failure {
  return new Failure({
    id: 'branch-exists',
    exit: 'blocked',
    what: `There is a branch ${plain(branch)} on ${plain(remote)} already.`,
    why: 'It may be an open pull request, and nothing is pushed over it.',
    fix: ['Choose another name: --branch <new-branch>', `Or, if it is merged: git push ${shellWord(remote)} --delete ${shellWord(branch)}`],
  })
}

/** GitHub, GitLab, Gitea, Bitbucket and Azure say it in their own words; a plain git server only that a hook declined. */
const protection =
  /GH006|GH013|protected branch|branch is protected|pull request|merge request|Permission denied to update branch|TF402455/i

function branchProtected(answer: Child, { remote, branch }: RemoteOptions): Failure {
  const known = protection.test(answer.stdout + answer.stderr)
  return new Failure({
    id: 'branch-protected',
    exit: 'blocked',
    what: `The server did not accept a push to ${plain(branch)} on ${plain(remote)}.`,
    why: known ? 'The branch is protected: changes come in by pull request.' : 'A rule or a hook of the server declined it.',
    fix: ['Make a pull request of it: run again with --branch <new-branch>'],
  })
}

function refused({ remote }: RemoteOptions, why: string): Failure {
  return new Failure({
    id: 'push-refused',
    exit: 'refused',
    what: `The remote ${plain(remote)} refused us.`,
    why,
    fix: [`See what it says: git ls-remote ${shellWord(remote)}`],
  })
}

async function hasPrePush(repository: Repository, { env }: RemoteOptions): Promise<boolean> {
  const folder = (await gitOutput(repository.root, ['rev-parse', '--git-path', 'hooks/pre-push'], { env, reads: true })).trim()
  return access(resolve(repository.root, folder), constants.X_OK).then(
    () => true,
    () => false,
  )
}

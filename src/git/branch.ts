import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { type Commit, type CommitOptions, commit } from './commit.ts'
import { readEntries, writeEntries } from './entries.ts'
import { gitOutput } from './git.ts'
import type { Repository } from './repository.ts'

/**
 * For a pull request: commits these files on a new branch that begins at HEAD, as a person does with `git switch -c`,
 * so that hooks see the branch's name; then what was checked out before is checked out again and its index is as it
 * was. The files on disk stay as the caller wrote them, who knows their former bytes. `undo` removes the branch.
 * Throws the Failures of `commit`, and `branch-exists`, `branch-name`, `no-commit-yet`.
 */
export async function commitOnBranch(repository: Repository, options: CommitOptions & { branch: string }): Promise<Commit> {
  const { root } = repository
  const call = { env: options.env }
  const ref = `refs/heads/${options.branch}`
  const { head, former } = await checkNewBranch(repository, options)
  const paths = await Promise.all(options.paths.map(async (path) => (await repository.inside(path)) ?? path))
  const entries = await readEntries(root, paths, call)
  const reason = ['-m', `eso-bootstrap: commit on ${options.branch}`]
  const removeBranch = (sha: string) => gitOutput(root, ['update-ref', '-d', ref, sha], call)

  await gitOutput(root, ['update-ref', ...reason, ref, head, ''], call)
  let made: Commit | undefined
  try {
    await gitOutput(root, ['symbolic-ref', ...reason, 'HEAD', ref], call)
    made = await commit(repository, options)
  } finally {
    const back =
      former === undefined
        ? ['update-ref', '--no-deref', ...reason, 'HEAD', head]
        : ['symbolic-ref', ...reason, 'HEAD', `refs/heads/${former}`]
    await gitOutput(root, back, call)
    if (made === undefined) await removeBranch(head)
    else await writeEntries(root, paths, entries, call)
  }
  const { sha, rewritten } = made
  return { sha, rewritten, undo: async () => void (await removeBranch(sha)) }
}

/**
 * Can a branch of this name begin here? Reads only. Gives HEAD, and the branch that is checked out now.
 * Throws Failures `branch-name`, `branch-exists`, `no-commit-yet`.
 */
export async function checkNewBranch(repository: Repository, { branch, env }: Pick<CommitOptions, 'env'> & { branch: string }) {
  const name = plain(branch)
  const valid = await gitOutput(repository.root, ['check-ref-format', '--branch', branch], { env, reads: true }).then(
    (checked) => checked.trim() === branch,
    () => false,
  )
  if (!valid) {
    throw new Failure({
      id: 'branch-name',
      exit: 'usage',
      what: `git does not allow the branch name ${name}.`,
      fix: 'See the rules: https://git-scm.com/docs/git-check-ref-format',
    })
  }
  if ((await repository.resolve(`refs/heads/${branch}`)) !== undefined) {
    throw new Failure({
      id: 'branch-exists',
      exit: 'blocked',
      what: `There is a branch ${name} already.`,
      why: 'A pull request from it would hold more than what is committed now.',
      fix: ['Choose another name: --branch <new-branch>', `Or, if it is merged: git branch -d ${shellWord(branch)}`],
    })
  }
  const [head, former] = await Promise.all([repository.head(), repository.branch()])
  if (head !== undefined) return { head, former }
  throw new Failure({
    id: 'no-commit-yet',
    exit: 'blocked',
    what: `There is no commit yet in ${plain(repository.root)}, so no branch can begin there.`,
    fix: 'Make the first commit, or run without --branch.',
  })
}

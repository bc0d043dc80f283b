import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { signingFailed } from './commit-failure.ts'
import { readTree } from './entries.ts'
import { type GitCall, git, gitOutput } from './git.ts'
import type { Repository } from './repository.ts'

export interface ReplayOptions {
  remote: string
  branch: string
  env: Environment
  terminal: boolean
  signal: AbortSignal | undefined
}

/**
 * Puts one commit on top of a newer tip, without touching the working tree or the index: files that only one side
 * changed are taken as they are. A file that both sides changed is a conflict even where lines could be merged: two
 * people who enable the same component in different places make a kustomization that no longer builds.
 * Gives the new commit, or the tip itself if it holds the same change already.
 * Throws Failures `push-conflict`, `history-rewritten`, `signing-failed`.
 */
export async function replay(repository: Repository, sha: string, tip: string, options: ReplayOptions): Promise<string> {
  const { root } = repository
  const parent = await repository.resolve(`${sha}^`)
  if (parent === undefined || !(await repository.isAncestor(parent, tip))) throw historyRewritten(options)
  const index = join(repository.gitFolder, `eso-bootstrap-${process.pid}.index`)
  const call: GitCall = { env: options.env, signal: options.signal, settings: { GIT_INDEX_FILE: index } }
  try {
    await gitOutput(root, ['read-tree', tip], call)
    await takeChanges(repository, { parent, sha, tip }, call, options)
    const tree = (await gitOutput(root, ['write-tree'], call)).trim()
    if (tree === (await gitOutput(root, ['rev-parse', `${tip}^{tree}`], call)).trim()) return tip
    return await commitAgain(repository, { sha, tip, tree }, options)
  } finally {
    await Promise.all([index, `${index}.lock`].map((file) => rm(file, { force: true })))
  }
}

interface Sides {
  parent: string
  sha: string
  tip: string
}

async function takeChanges(repository: Repository, { parent, sha, tip }: Sides, call: GitCall, options: ReplayOptions): Promise<void> {
  const { root } = repository
  const names = (await gitOutput(root, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', parent, sha], call)).split('\0')
  const paths = names.filter((name) => name !== '')
  const [before, ours, theirs] = await Promise.all([parent, sha, tip].map((commit) => readTree(root, commit, paths, call)))
  const same = (a: { blob: string; mode: string } | undefined, b: typeof a) => a?.blob === b?.blob && a?.mode === b?.mode
  for (const path of paths) {
    const [old, our, their] = [before?.get(path), ours?.get(path), theirs?.get(path)]
    if (same(our, their)) continue
    if (!same(old, their)) throw conflict(path, options)
    const line = our === undefined ? `0 ${'0'.repeat(40)}\t${path}\0` : `${our.mode} ${our.blob}\t${path}\0`
    const answer = await git(root, ['update-index', '-z', '--index-info'], { ...call, input: line })
    if (answer.code !== 0) throw conflict(path, options)
  }
}

async function commitAgain(repository: Repository, { sha, tip, tree }: { sha: string; tip: string; tree: string }, options: ReplayOptions) {
  const { root } = repository
  const { env, terminal, signal } = options
  const told = await gitOutput(root, ['show', '--no-patch', '--date=raw', '--format=%an%x00%ae%x00%ad%x00%B', sha], { env, reads: true })
  const [name = '', email = '', date = '', message = ''] = told.split('\0')
  const settings = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date }
  const gpgsign = await git(root, ['config', '--type=bool', '--get', 'commit.gpgsign'], { env, reads: true })
  // `commit-tree` is plumbing: it doesn't read commit.gpgsign. https://git-scm.com/docs/git-commit-tree
  const sign = gpgsign.stdout.trim() === 'true' ? ['-S'] : []
  const args = ['commit-tree', ...sign, '-p', tip, '-m', message.trimEnd(), tree]
  const answer = await git(root, args, { env, terminal, signal, settings, deadline: terminal ? 600_000 : 120_000 })
  if (answer.code === 0) return answer.stdout.trim()
  throw signingFailed({ repository, paths: [], options: { ...options, paths: [], message } })
}

function conflict(path: string, { remote, branch }: ReplayOptions): Failure {
  return new Failure({
    id: 'push-conflict',
    exit: 'blocked',
    what: `Somebody changed ${plain(path)} on ${plain(branch)} in the meantime.`,
    why: 'Both changes may be fine by themselves and wrong together, so they are not merged blindly.',
    fix: [`git pull --rebase ${shellWord(remote)} ${shellWord(branch)}`, 'Then run again: the plan is made anew from what is there.'],
  })
}

function historyRewritten({ remote, branch }: ReplayOptions): Failure {
  return new Failure({
    id: 'history-rewritten',
    exit: 'blocked',
    what: `${plain(branch)} on ${plain(remote)} is not a continuation of what this clone has: its history was rewritten.`,
    fix: [`git fetch ${shellWord(remote)}`, `git log --oneline --graph HEAD ${shellWord(`${remote}/${branch}`)}`],
  })
}

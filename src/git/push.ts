import type { Child, Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { type GitCall, git, gitOutput } from './git.ts'
import { branchTaken, outrun, pushFailure, remoteFailure, unreachable } from './push-failure.ts'
import { replay } from './replay.ts'
import type { Repository } from './repository.ts'

export interface RemoteOptions {
  remote: string
  branch: string
  env: Environment
  /** A person is there to type a password or a key's passphrase. */
  terminal: boolean
  signal: AbortSignal | undefined
  /** Milliseconds for each conversation with the remote: two minutes, ten with a terminal. */
  deadline?: number
}

export interface PushOptions extends RemoteOptions {
  /** One commit, on top of what the remote's branch held when it was last fetched. */
  sha: string
  /** The branch must not exist on the remote yet. */
  newBranch?: boolean
}

export interface Pushed {
  /** The commit that is on the remote now: another than `sha` if somebody pushed in between. */
  pushed: string
  /** Sentences for the report. */
  notes: string[]
}

const attempts = 4

/**
 * Pushes one commit to a branch; never by force. If somebody was faster, our commit, and only it, is put on top of
 * theirs and pushed again, three times at most; the checked-out branch then follows, unless files that the user is
 * changing are in the way. If it fails, the remote and the local branch are as before.
 * Throws Failures `branch-protected`, `push-conflict`, `history-rewritten`, `push-outrun`, `push-refused`,
 * `remote-unreachable`, `hook-rejected`, `branch-exists`, `signing-failed`.
 */
export async function push(repository: Repository, options: PushOptions): Promise<Pushed> {
  if (options.newBranch && (await remoteTip(repository, options)) !== undefined) throw branchTaken(options)
  let sha = options.sha
  for (let attempt = 1; ; attempt++) {
    const answer = await send(repository, sha, options)
    if (answer.code === 0) break
    if (!wasOutrun(answer.stdout)) throw await pushFailure(repository, answer, options)
    if (options.newBranch) throw branchTaken(options)
    if (attempt === attempts) throw outrun(options)
    sha = await replay(repository, options.sha, await fetchTip(repository, options), options)
  }
  return { pushed: sha, notes: sha === options.sha ? [] : await follow(repository, sha, options) }
}

/** The commit that a branch of the remote is at; undefined if there is no such branch. Reads only, also in the clone. */
export async function remoteTip(repository: Repository, options: RemoteOptions): Promise<string | undefined> {
  const ref = `refs/heads/${options.branch}`
  const answer = await talk(repository, ['ls-remote', '--', options.remote, ref], options)
  if (answer.code !== 0) throw remoteFailure(answer, options)
  const line = answer.stdout.split('\n').find((text) => text.endsWith(`\t${ref}`))
  return line?.split('\t')[0]
}

async function send(repository: Repository, sha: string, options: PushOptions): Promise<Child> {
  // Whatever the user has configured to go along with a push is theirs to push.
  const only = ['--no-follow-tags', '--recurse-submodules=no']
  const args = ['push', '--porcelain', '--quiet', ...only, '--', options.remote, `${sha}:refs/heads/${options.branch}`]
  // Cut off or interrupted, but was it before or after the commit arrived? What others can see must not be taken back here.
  const arrived = async () => {
    const asking = { ...options, terminal: false, signal: undefined, deadline: 10_000 }
    return (await remoteTip(repository, asking).catch(() => undefined)) === sha
  }
  try {
    const answer = await talk(repository, args, options)
    const cutOff = answer.code !== 0 && !/^!/m.test(answer.stdout)
    return cutOff && (await arrived()) ? { ...answer, code: 0 } : answer
  } catch (error) {
    if (await arrived()) return { code: 0, stdout: '', stderr: '' }
    throw error
  }
}

async function fetchTip(repository: Repository, options: RemoteOptions): Promise<string> {
  // A name of our own: FETCH_HEAD may be rewritten by an editor's background fetch at any moment.
  const ref = `refs/eso-bootstrap/${process.pid}`
  const only = ['--quiet', '--no-tags', '--no-recurse-submodules']
  const answer = await talk(repository, ['fetch', ...only, '--', options.remote, `+refs/heads/${options.branch}:${ref}`], options)
  if (answer.code !== 0) throw remoteFailure(answer, options)
  const call: GitCall = { env: options.env }
  const tip = (await gitOutput(repository.root, ['rev-parse', ref], call)).trim()
  await gitOutput(repository.root, ['update-ref', '-d', ref], call)
  return tip
}

async function talk(repository: Repository, args: string[], options: RemoteOptions): Promise<Child> {
  const { env, terminal, signal } = options
  const deadline = options.deadline ?? (terminal ? 600_000 : 120_000)
  try {
    return await git(repository.root, args, { env, terminal, signal, deadline })
  } catch (error) {
    if (error instanceof Failure && error.id === 'command-deadline') throw unreachable(options, 'It did not answer in time.')
    throw error
  }
}

/** https://git-scm.com/docs/git-push#_output: the reasons that stand for "the branch isn't where you think it is". */
function wasOutrun(porcelain: string): boolean {
  return /^!\t.*(\[rejected\] \((fetch first|non-fast-forward)\)|\[remote rejected\] \((cannot lock ref|failed to update ref|incorrect old value))/m.test(
    porcelain,
  )
}

/** Takes the checked-out branch from our first commit to the one that was pushed, with the files that others changed. */
async function follow(repository: Repository, pushed: string, { sha, env, remote, branch }: PushOptions): Promise<string[]> {
  const { root } = repository
  const notes = [`Somebody had pushed to ${plain(branch)} in the meantime; our commit was put on top of theirs.`]
  if ((await repository.resolve('HEAD')) !== sha) return notes
  await git(root, ['update-index', '-q', '--refresh'], { env })
  // Two-way merge: moves files and index, keeps what the user has changed or staged, and does nothing at all if that
  // is in the way. https://git-scm.com/docs/git-read-tree#_two_tree_merge
  const moved = await git(root, ['read-tree', '-m', '-u', sha, pushed], { env })
  if (moved.code !== 0) {
    const pull = `git pull --rebase --autostash ${shellWord(remote)} ${shellWord(branch)}`
    return [...notes, `The working tree could not follow, because files that you are changing are in the way: ${pull}`]
  }
  await gitOutput(root, ['update-ref', '-m', 'eso-bootstrap: follow the push', 'HEAD', pushed, sha], { env })
  return notes
}

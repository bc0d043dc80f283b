import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { Child, Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { type Busy, busyWith } from './busy.ts'
import { isExposed } from './exposed.ts'
import { git, gitOutput, literally } from './git.ts'
import { withoutCredentials } from './remote.ts'

interface Dirt {
  path: string
  what: 'modified' | 'staged' | 'untracked' | 'conflicted'
}

interface Remote {
  name: string
  /** With `url.*.insteadOf` applied and without credentials: for comparing and showing, not for connecting. */
  fetch: string
  push: string
}

/** A working tree's repository, for looking. What writes stands in commit.ts, branch.ts and push.ts. */
export interface Repository {
  /** Top of the working tree, without symbolic links. A worktree and a submodule have their own. */
  root: string
  /** Where this working tree's HEAD and index are. */
  gitFolder: string
  /** The commit that is checked out; undefined before the first one. */
  head(): Promise<string | undefined>
  /** The branch that is checked out; undefined on a detached HEAD. */
  branch(): Promise<string | undefined>
  /** What the checked-out branch follows; undefined also where that is another local branch. */
  upstream(): Promise<{ remote: string; branch: string } | undefined>
  /** What somebody has begun in this working tree and not ended. */
  busy(): Promise<Busy | undefined>
  remotes(): Promise<Remote[]>
  /** A path as the repository names it (from the root, with slashes); undefined if it lies outside. */
  inside(path: string): Promise<string | undefined>
  /** Which of these are not as in HEAD. */
  dirty(paths: readonly string[]): Promise<Dirt[]>
  /** Which of these git ignores. */
  ignored(paths: readonly string[]): Promise<string[]>
  tracked(path: string): Promise<boolean>
  /** Would the next `git add` take this file, or is it tracked already? False for what lies outside. */
  exposed(path: string): Promise<boolean>
  /** The files that match this extended regular expression, of those that are tracked or that the next `git add` would take. */
  holding(pattern: string): Promise<string[]>
  /** Is this commit in the clone? */
  has(commit: string): Promise<boolean>
  /** False also where one of them is not in the clone. */
  isAncestor(ancestor: string, descendant: string): Promise<boolean>
  /** The commit that a name stands for. */
  resolve(name: string): Promise<string | undefined>
  /** How many commits of HEAD the remote's branch lacks, as of the last fetch or push; undefined if it was never fetched. */
  unpushed(remote: string, branch: string): Promise<number | undefined>
  /** How many commits HEAD has that this one lacks, and the other way round; undefined where it is not in the clone. */
  distance(commit: string): Promise<{ ahead: number; behind: number } | undefined>
  /** A file as it is in a commit. */
  show(commit: string, path: string): Promise<string | undefined>
}

/**
 * Opens the repository that a folder belongs to. Reads only, here and in all the methods: no lock is taken.
 * Paths are taken from the repository's root, or absolute. What still runs when the signal is aborted is ended.
 * Throws Failures `git-missing`, `not-a-repository`, `bare-repository`, `repository-not-trusted`.
 */
export async function openRepository(folder: string, env: Environment, signal?: AbortSignal): Promise<Repository> {
  const { root, gitFolder } = await locate(folder, env)
  const call = { env, reads: true, signal }
  const ask = (...args: string[]): Promise<Child> => git(root, args, call)
  const must = (...args: string[]): Promise<string> => gitOutput(root, args, call)

  async function inside(path: string): Promise<string | undefined> {
    const real = await settled(resolve(root, path))
    const name = relative(root, real)
    return name === '' || name === '..' || name.startsWith(`..${sep}`) ? undefined : name.split(sep).join('/')
  }

  async function resolved(name: string): Promise<string | undefined> {
    if (isOption(name)) return undefined
    const answer = await ask('rev-parse', '--quiet', '--verify', `${name}^{commit}`)
    return answer.code === 0 ? answer.stdout.trim() : undefined
  }

  async function checkedOut(): Promise<string | undefined> {
    const answer = await ask('symbolic-ref', '--quiet', 'HEAD')
    return answer.code === 0 ? answer.stdout.trim() : undefined
  }

  async function named(path: string): Promise<string> {
    const name = await inside(path)
    if (name !== undefined) return name
    throw new Failure({ id: 'outside-repository', exit: 'blocked', what: `${plain(path)} lies outside the repository ${plain(root)}.` })
  }

  return {
    root,
    gitFolder,
    inside,
    head: () => resolved('HEAD'),
    busy: () => busyWith(gitFolder),

    async branch() {
      return (await checkedOut())?.replace(/^refs\/heads\//, '')
    },

    async upstream() {
      const ref = await checkedOut()
      if (ref === undefined) return undefined
      const answer = await ask('for-each-ref', '--format=%(upstream:remotename)%00%(upstream:remoteref)', ref)
      const [remote, merged] = answer.stdout.trim().split('\0')
      // A branch that follows another local branch has the remote `.`.
      return remote && merged && remote !== '.' ? { remote, branch: merged.replace(/^refs\/heads\//, '') } : undefined
    },

    async remotes() {
      const lines = (await must('remote', '--verbose')).split('\n')
      const found = new Map<string, Remote>()
      for (const line of lines) {
        const [, name = '', url = '', way] = /^([^\t]+)\t(.*) \((fetch|push)\)/.exec(line) ?? []
        if (way === 'fetch') found.set(name, { name, fetch: withoutCredentials(url), push: withoutCredentials(url) })
        const remote = found.get(name)
        if (way === 'push' && remote !== undefined) remote.push = withoutCredentials(url)
      }
      return [...found.values()]
    },

    async dirty(paths) {
      if (paths.length === 0) return []
      const names = await Promise.all(paths.map(named))
      const options = ['--porcelain=v2', '-z', '--untracked-files=all', '--no-renames']
      const lines = (await must('status', ...options, '--', ...literally(names))).split('\0')
      return lines.flatMap((line) => dirt(line) ?? [])
    },

    async ignored(paths) {
      // As lines of standard input paths can't be taken for options or patterns.
      const lines = await Promise.all(paths.map(async (path) => `./${await named(path)}`))
      const answer = await git(root, ['check-ignore', '-z', '--stdin'], { ...call, input: lines.map((line) => `${line}\0`).join('') })
      const found = new Set(answer.stdout.split('\0'))
      return paths.filter((_, at) => found.has(lines[at] ?? ''))
    },

    async tracked(path) {
      return (await must('ls-files', '-z', '--', ...literally([await named(path)]))) !== ''
    },

    exposed: (path) => isExposed(root, resolve(root, path), call),

    async holding(pattern) {
      const options = ['-lzIE', '--no-color', '--full-name', '-e', pattern, '--', ':/']
      // With --untracked it passes over what is tracked and yet ignored.
      const answers = await Promise.all([ask('grep', ...options), ask('grep', '--untracked', ...options)])
      // 1 says that there is none.
      if (answers.some(({ code }) => code !== 0 && code !== 1))
        throw new Failure({ id: 'git-failed', exit: 'blocked', what: 'git grep could not search the files.' })
      return [...new Set(answers.flatMap(({ stdout }) => stdout.split('\0')))].filter((each) => each !== '').sort()
    },

    async has(commit) {
      return isSha(commit) && (await ask('cat-file', '-e', `${commit}^{commit}`)).code === 0
    },

    async isAncestor(ancestor, descendant) {
      if ([ancestor, descendant].some(isOption)) return false
      return (await ask('merge-base', '--is-ancestor', ancestor, descendant)).code === 0
    },

    resolve: resolved,

    async unpushed(remote, branch) {
      const answer = await ask('rev-list', '--count', `refs/remotes/${remote}/${branch}..HEAD`, '--')
      return answer.code === 0 ? Number(answer.stdout) : undefined
    },

    async distance(commit) {
      if (!isSha(commit)) return undefined
      const answer = await ask('rev-list', '--left-right', '--count', `${commit}...HEAD`, '--')
      const [behind, ahead] = answer.stdout.trim().split('\t').map(Number)
      return answer.code === 0 && behind !== undefined && ahead !== undefined ? { ahead, behind } : undefined
    },

    async show(commit, path) {
      if (isOption(commit)) return undefined
      const answer = await ask('cat-file', 'blob', `${commit}:${await named(path)}`)
      return answer.code === 0 ? answer.stdout : undefined
    },
  }
}

async function locate(folder: string, env: Environment): Promise<{ root: string; gitFolder: string }> {
  const shown = plain(folder)
  const notARepository = new Failure({
    id: 'not-a-repository',
    exit: 'blocked',
    what: `${shown} is not in a git repository.`,
    why: 'Flux applies what is pushed to git, so the manifests are changed in a clone of the repository that Flux reads.',
    fix: 'Name the clone: --repo <folder>',
  })
  const there = await stat(folder).catch(() => undefined)
  if (!there?.isDirectory()) throw notARepository
  const wanted = ['--is-bare-repository', '--absolute-git-dir', '--show-toplevel']
  const answer = await git(folder, ['rev-parse', ...wanted], { env, reads: true })
  const [bare, gitFolder, root] = answer.stdout.split('\n')
  if (answer.code === 0 && gitFolder && root) return { root: await realpath(root), gitFolder }
  if (bare === 'true') {
    throw new Failure({
      id: 'bare-repository',
      exit: 'blocked',
      what: `${shown} is a bare repository: it has no files that could be changed.`,
      fix: [`git clone ${shellWord(folder)} <folder>`, 'Then name the clone: --repo <folder>'],
    })
  }
  if (/dubious ownership/.test(answer.stderr)) {
    throw new Failure({
      id: 'repository-not-trusted',
      exit: 'blocked',
      what: `git does not trust ${shown}, because it belongs to another user.`,
      why: 'Its configuration could run programs in your name.',
      fix: `git config --global --add safe.directory ${shellWord(await realpath(folder))}`,
    })
  }
  throw notARepository
}

/** The path with the symbolic links on the way to it resolved, also if there is no such file yet. */
async function settled(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(await settled(parent), basename(path))
  }
}

/** One record of `git status --porcelain=v2 -z`: https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
function dirt(record: string): Dirt | undefined {
  if (record.startsWith('? ')) return { path: record.slice(2), what: 'untracked' }
  const fields = record.split(' ')
  if (fields[0] === 'u') return { path: fields.slice(10).join(' '), what: 'conflicted' }
  if (fields[0] !== '1') return undefined
  return { path: fields.slice(8).join(' '), what: fields[1]?.startsWith('.') ? 'modified' : 'staged' }
}

function isSha(text: string): boolean {
  return /^[0-9a-f]{4,64}$/.test(text)
}

/** `--end-of-options` is younger than many a git. */
function isOption(text: string): boolean {
  return text.startsWith('-')
}

import { type Child, type Environment, run } from '../child.ts'
import { Failure } from '../failure.ts'
import { shellWord } from '../text/shell-word.ts'

export interface GitCall {
  env: Environment
  /** Milliseconds; a minute unless told. */
  deadline?: number
  input?: string
  /** A person is there to type a passphrase. */
  terminal?: boolean
  signal?: AbortSignal | undefined
  /** Only looks: takes no lock, not even to refresh the index, and fetches no missing object. */
  reads?: boolean
  /** Variables of git's own, such as GIT_INDEX_FILE. */
  settings?: Readonly<Record<string, string>>
}

/** Set when we are started from a hook or an alias: they would send git to another repository than the one we were given. */
const misleading =
  /^GIT_(DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|PREFIX|NAMESPACE|TRACE.*)$/

/**
 * Runs git in a folder and hands back its answer, whatever the exit code. The messages are English, so that they can
 * be told apart (they are never shown). Without a terminal git and what it starts can't ask for anything.
 * Throws the Failures of `run`, with `git-missing` where there is no git.
 */
export async function git(folder: string, args: readonly string[], call: GitCall): Promise<Child> {
  const kept = Object.entries(call.env).filter(([name]) => !misleading.test(name))
  const env = {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    LANGUAGE: '',
    ...(call.terminal ? {} : { GIT_TERMINAL_PROMPT: '0' }),
    ...(call.reads ? { GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1' } : {}),
    ...call.settings,
  }
  try {
    // No housekeeping in the user's repository on our account: it would go on in the background after us.
    return await run('git', ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', ...args], {
      env,
      cwd: folder,
      deadline: call.deadline ?? 60_000,
      signal: call.signal,
      ...(call.input === undefined ? {} : { input: call.input }),
      ...(call.terminal ? { terminal: true } : {}),
    })
  } catch (error) {
    if (error instanceof Failure && error.id === 'command-missing') throw gitMissing()
    throw error
  }
}

/** Like `git`, for calls that have no business failing: hands back standard output. Throws a Failure `git-failed`. */
export async function gitOutput(folder: string, args: readonly string[], call: GitCall): Promise<string> {
  const answer = await git(folder, args, call)
  if (answer.code === 0) return answer.stdout
  throw new Failure({
    id: 'git-failed',
    exit: 'blocked',
    what: `git ${args[0]} ended with exit code ${answer.code}.`,
    fix: `See what is wrong with the repository: git -C ${shellWord(folder)} status`,
  })
}

/** Pathspecs that mean exactly these paths, seen from the top: `*`, `[` and a leading `:` or `-` are only characters. */
export function literally(paths: readonly string[]): string[] {
  return paths.map((path) => `:(top,literal)${path}`)
}

function gitMissing(): Failure {
  return new Failure({
    id: 'git-missing',
    exit: 'blocked',
    what: 'git is not installed, or not in PATH.',
    why: 'The manifests are changed in a git repository, because Flux applies what is pushed.',
    fix: 'Install git: https://git-scm.com/downloads',
  })
}

import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Environment } from '../child.ts'
import { gitOutput } from '../git/git.ts'
import { bare } from './flux/checkout.ts'

export interface Remote {
  /** The folder of the bare repository: what `git clone` and `git push` are given. */
  path: string
  /** The same as a URL, for a GitRepository. */
  url: string
  /** A shell script that the repository runs at each push, as a forge runs its rules. */
  setHook(name: 'pre-receive' | 'update' | 'post-receive', script: string): Promise<void>
  removeHook(name: 'pre-receive' | 'update' | 'post-receive'): Promise<void>
}

export interface Clone {
  path: string
  /** Writes files, commits them, and pushes unless told not to; gives the commit. */
  commit(files: Record<string, string>, message: string, options?: { push?: boolean }): Promise<string>
  git(...args: string[]): Promise<string>
}

const deadline = 20_000

/** Without the sample hooks that git would copy to each repository. */
const plainly = ['--quiet', '--template=', '--initial-branch', 'main']

/** A bare repository in a folder of its own, with `main` as its branch. */
export async function createRemote(folder: string, env: Environment): Promise<Remote> {
  await mkdir(folder, { recursive: true })
  await gitOutput(folder, ['init', '--bare', ...plainly], { env, settings: bare, deadline })
  const hooks = join(folder, 'hooks')
  await mkdir(hooks, { recursive: true })
  return {
    path: folder,
    url: `file://${folder}`,
    setHook: async (name, script) => {
      await writeFile(join(hooks, name), `#!/bin/sh\n${script}\n`)
      await chmod(join(hooks, name), 0o755)
    },
    removeHook: (name) => writeFile(join(hooks, name), '#!/bin/sh\nexit 0\n'),
  }
}

/** Written at once: a `git config` for each would cost more than all the rest of the start. */
const settings = (remote: Remote) => `[user]
\tname = Sandbox
\temail = sandbox@example.com
[commit]
\tgpgsign = false
[core]
\tautocrlf = false
[remote "origin"]
\turl = ${remote.path}
\tfetch = +refs/heads/*:refs/remotes/origin/*
`

/** A clone with a first commit of these files, pushed to `main`; it commits under a name of its own and never signs. */
export async function createClone(folder: string, remote: Remote, files: Record<string, string>, env: Environment): Promise<Clone> {
  await mkdir(folder, { recursive: true })
  const git = (...args: string[]) => gitOutput(folder, args, { env, settings: bare, deadline })
  await git('init', ...plainly)
  for (const name of ['hooks', 'info']) await mkdir(join(folder, '.git', name))
  await appendFile(join(folder, '.git', 'config'), settings(remote))

  const record = async (changed: Record<string, string>, message: string, push = true) => {
    for (const [path, text] of Object.entries(changed)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    await git('add', '--all')
    await git('commit', '--quiet', '--message', message)
    if (push) await git('push', '--quiet', '--set-upstream', 'origin', 'main')
  }
  await record(files, 'Start the cluster')
  return {
    path: folder,
    git,
    commit: async (changed, message, { push } = {}) => {
      await record(changed, message, push)
      return (await git('rev-parse', 'HEAD')).trim()
    },
  }
}

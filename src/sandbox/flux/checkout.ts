import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../child.ts'
import { git } from '../../git/git.ts'
import { type Tree, workingTree } from '../../manifests/tree.ts'
import { matching } from './versions.ts'

export interface Reference {
  branch?: string
  tag?: string
  semver?: string
  name?: string
  commit?: string
}

/** A commit of a remote, as Flux names it in `status.artifact.revision`. */
interface Fetched {
  revision: string
  commit: string
}

/** Git as Flux's source-controller uses it, with nothing of the user's configuration. */
export interface Checkouts {
  /** What a reference points at now; throws an Error with source-controller's words. */
  fetch(url: string, reference: Reference): Promise<Fetched>
  /** The files of one commit. */
  tree(url: string, commit: string): Promise<Tree>
}

/** Settings under which git reads no configuration but the repository's. */
export const bare = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }

export function checkouts(folder: string, env: Environment): Checkouts {
  const trees = new Map<string, Promise<Tree>>()
  const call = { env, settings: bare, deadline: 20_000 }

  const commitOf = async (remote: string, name: string): Promise<string | undefined> => {
    const answer = await git(remote, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], call)
    return answer.code === 0 ? answer.stdout.trim() : undefined
  }
  const checkOut = async (remote: string, commit: string): Promise<Tree> => {
    const place = join(folder, commit)
    await mkdir(place, { recursive: true })
    const index = { ...bare, GIT_INDEX_FILE: `${place}.index` }
    const args = ['--git-dir', remote, '--work-tree', place, 'checkout', '--force', commit, '--', '.']
    const answer = await git(place, args, { ...call, settings: index })
    if (answer.code !== 0) throw new Error(`unable to check out ${commit}`)
    return workingTree(place)
  }

  return {
    fetch: async (url, reference) => {
      const remote = localPath(url)
      const unable = (why: string) => new Error(`failed to checkout and determine revision: unable to clone '${url}': ${why}`)
      if (remote === undefined) throw unable('repository not found')
      const { name, shown } = await nameOf(reference, async () => {
        const answer = await git(remote, ['tag', '--list'], call)
        return answer.stdout.split('\n').filter(Boolean)
      })
      const commit = await commitOf(remote, name)
      if (commit === undefined) throw unable(`couldn't find remote ref "${name}"`)
      return { revision: `${shown}sha1:${commit}`, commit }
    },
    tree: (url, commit) => {
      const remote = localPath(url) ?? url
      const known = trees.get(commit) ?? checkOut(remote, commit)
      trees.set(commit, known)
      return known
    },
  }
}

/** Precedence as in https://fluxcd.io/flux/components/source/gitrepositories/#reference */
async function nameOf(reference: Reference, tags: () => Promise<string[]>): Promise<{ name: string; shown: string }> {
  const { commit, name, semver, tag, branch = 'master' } = reference
  if (commit !== undefined) return { name: commit, shown: '' }
  if (name !== undefined) return { name, shown: `${name}@` }
  const newest = semver === undefined ? tag : (matching(await tags(), semver) ?? '')
  if (newest !== undefined) return { name: `refs/tags/${newest}`, shown: `${newest}@` }
  return { name: `refs/heads/${branch}`, shown: `${branch}@` }
}

/** The sandbox's remotes are folders on this machine. */
function localPath(url: string): string | undefined {
  if (url.startsWith('file://')) return decodeURIComponent(new URL(url).pathname)
  return url.startsWith('/') ? url : undefined
}

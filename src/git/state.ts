import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child } from '../child.ts'

export type Busy = 'rebase' | 'merge' | 'cherry-pick' | 'revert' | 'bisect'

export interface RepositoryState {
  /** The commit that is checked out; undefined before the first one. */
  head: string | undefined
  /** Undefined on a detached HEAD. */
  branch: string | undefined
  upstream: { remote: string; branch: string } | undefined
  /** Commits that the upstream lacks, as of the last fetch or push; 0 without an upstream. */
  ahead: number
  behind: number
  busy: Busy | undefined
  shallow: boolean
}

type Ask = (...args: string[]) => Promise<Child>

export async function readState(ask: Ask, busy: () => Promise<Busy | undefined>): Promise<RepositoryState> {
  const [head, symbolic, shallow, doing] = await Promise.all([
    ask('rev-parse', '--quiet', '--verify', 'HEAD^{commit}'),
    ask('symbolic-ref', '--quiet', 'HEAD'),
    ask('rev-parse', '--is-shallow-repository'),
    busy(),
  ])
  const ref = symbolic.code === 0 ? symbolic.stdout.trim() : undefined
  return {
    head: head.code === 0 ? head.stdout.trim() : undefined,
    branch: ref?.replace(/^refs\/heads\//, ''),
    ...(await tracking(ask, ref)),
    busy: doing,
    shallow: shallow.stdout.trim() === 'true',
  }
}

async function tracking(ask: Ask, ref: string | undefined): Promise<Pick<RepositoryState, 'upstream' | 'ahead' | 'behind'>> {
  const none = { upstream: undefined, ahead: 0, behind: 0 }
  if (ref === undefined) return none
  const format = '%(upstream:remotename)%00%(upstream:remoteref)%00%(upstream)'
  const answer = await ask('for-each-ref', `--format=${format}`, ref)
  const [remote, merged, local] = answer.stdout.trim().split('\0')
  // A branch that follows another local branch has the remote `.`.
  if (!remote || !merged || remote === '.') return none
  const upstream = { remote, branch: merged.replace(/^refs\/heads\//, '') }
  const counted = await ask('rev-list', '--left-right', '--count', `${ref}...${local}`, '--')
  const [ahead = 0, behind = 0] = counted.code === 0 ? counted.stdout.trim().split('\t').map(Number) : []
  return { upstream, ahead, behind }
}

/** What git keeps in its folder while something is under way. */
const traces: readonly (readonly [string, Busy])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
]

/** What somebody has begun in this working tree and not ended. */
export async function busyWith(gitFolder: string): Promise<Busy | undefined> {
  for (const [name, busy] of traces) {
    const there = await access(join(gitFolder, name)).then(
      () => true,
      () => false,
    )
    if (there) return busy
  }
  return undefined
}

import { access } from 'node:fs/promises'
import { join } from 'node:path'

export type Busy = 'rebase' | 'merge' | 'cherry-pick' | 'revert' | 'bisect'

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

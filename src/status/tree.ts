import type { FluxSource } from '../flux/objects.ts'
import { sameRepository } from '../git/remote.ts'
import type { Repository } from '../git/repository.ts'
import { parseRevision } from '../git/revision.ts'
import type { Problem } from './found.ts'
import type { StatusWorld } from './world.ts'

export interface TreeFacts {
  /**
   * same: HEAD is the commit that Flux has fetched. differs: see the numbers. unknown: that commit is not in this clone.
   * other: this is a clone of another repository.
   */
  is: 'same' | 'differs' | 'unknown' | 'other'
  /** Commits of HEAD that Flux has not fetched, those of them that were not pushed, and those of Flux that HEAD lacks. */
  ahead?: number
  unpushed?: number
  behind?: number
}

/** The working tree against what Flux has fetched; undefined where there is no tree, or Flux fetches no commit. */
export async function treeOf(world: StatusWorld, source: FluxSource): Promise<(TreeFacts & { problems: Problem[] }) | undefined> {
  const repository = await world.repository()
  const { sha } = parseRevision(source.revision ?? '')
  if (repository === undefined || sha === undefined) return undefined
  const [distance, remotes] = await Promise.all([repository.distance(sha), repository.remotes()])
  const remote = remotes.find(({ fetch, push }) => sameRepository(fetch, source.url) || sameRepository(push, source.url))
  if (distance === undefined) return { is: remote === undefined ? 'other' : 'unknown', problems: [] }
  if (distance.ahead === 0 && distance.behind === 0) return { is: 'same', ...distance, problems: [] }
  const unpushed = await unpushedOf(repository, remote?.name, source.branch)
  return { is: 'differs', ...distance, ...(unpushed !== undefined && { unpushed }), problems: problemsOf(unpushed) }
}

async function unpushedOf(repository: Repository, remote: string | undefined, branch: string | undefined): Promise<number | undefined> {
  const upstream = await repository.upstream()
  const name = remote ?? upstream?.remote
  return name === undefined || branch === undefined ? undefined : repository.unpushed(name, branch)
}

function problemsOf(unpushed = 0): Problem[] {
  if (unpushed === 0) return []
  const why = `${unpushed === 1 ? 'A commit was' : `${unpushed} commits were`} not pushed: Flux does not know of ${unpushed === 1 ? 'it' : 'them'}.`
  return [{ id: 'unpushed', severity: 'warning', about: ['the working tree'], why, fix: ['git push'] }]
}

import { Failure } from '../../failure.ts'
import type { FluxSource } from '../../flux/objects.ts'
import type { Repository } from '../../git/repository.ts'
import { treeOf } from '../../status/tree.ts'
import { branchOf } from '../../steps/site.ts'
import { shellWord } from '../../text/shell-word.ts'
import { type ClusterCheck, type Finding, findingOf } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { fluxHere, nameOfSource } from './flux-here.ts'

export const fluxBranch: ClusterCheck = {
  id: 'flux-branch',
  category: 'flux',
  title: 'Flux follows a branch, and it is the one that is checked out here',
  severity: 'warning',
  needs: ['flux-installed'],
  explains: true,
  page: {
    symptom: 'A commit is pushed, flux reconcile says it applied a revision, and it is an old one.',
    cause:
      'The source is pinned to a tag, a range of versions or a commit, or is an artifact that a pipeline makes; or the working tree is on another branch than the one that Flux reads.',
    fix: 'Switch to the branch that Flux follows, or bring the change there (a merge, a release, a new artifact).',
    sources: [
      'https://fluxcd.io/flux/components/source/gitrepositories/#reference',
      'https://fluxcd.io/flux/components/source/ocirepositories/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const { sources } = await fluxHere(world)
    const each = await Promise.all(sources.map((source) => lookAt(world, source)))
    return each.flat()
  },
}

async function lookAt(world: DoctorWorld, source: FluxSource): Promise<Finding[]> {
  try {
    return await otherBranch(world, source, branchOf(source))
  } catch (error) {
    if (!(error instanceof Failure && /^source-not-(git|a-branch)$/.test(error.id))) throw error
    const finding = findingOf(nameOfSource(source), error)
    return [{ ...finding, why: finding.why.replace(`The ${finding.about} follows`, 'It follows') }]
  }
}

/** A working tree of another repository, and one with no branch checked out, follow nothing. */
async function otherBranch({ live }: DoctorWorld, source: FluxSource, followed: string): Promise<Finding[]> {
  const repository: Repository | undefined = await live.repository()
  const branch = await repository?.branch()
  if (branch === undefined || branch === followed) return []
  const tree = await treeOf(live, source)
  if (tree === undefined || tree.is === 'other') return []
  const why = `It is on the branch ${branch}; ${nameOfSource(source)} follows ${followed}. What is committed here reaches the cluster when it is merged.`
  return [{ about: 'the working tree', why, fix: [`git switch ${shellWord(followed)}`] }]
}

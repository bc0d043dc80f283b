import type { Cluster } from '../kubernetes/cluster.ts'
import { plain } from '../text/plain.ts'
import type { Check } from './check.ts'
import { type Bound, diagnose, type Result } from './diagnose.ts'
import type { DoctorWorld, FilesWorld } from './world.ts'

/** All that was found at one moment. */
export interface Examination {
  at: Date
  /** Missing with `--offline`. */
  cluster?: { context: string; server: string }
  /** Missing outside of a git repository. */
  repository?: { root: string; branch?: string }
  results: Result[]
}

/** Runs the checks that this world allows: with `--offline` those of the files. */
export async function examine(checks: readonly Check[], world: FilesWorld | DoctorWorld, deadline: number): Promise<Examination> {
  const [results, repository] = await Promise.all([
    diagnose(
      checks.flatMap((check) => bound(check, world)),
      { deadline, signal: world.signal },
    ),
    repositoryOf(world),
  ])
  return { at: world.now, ...(hasCluster(world) && { cluster: named(world.cluster) }), ...(repository && { repository }), results }
}

function bound(check: Check, world: FilesWorld | DoctorWorld): Bound[] {
  if (check.looksAt === 'files') return [{ check, look: () => check.look(world) }]
  return hasCluster(world) ? [{ check, look: () => check.look(world) }] : []
}

export function hasCluster(world: FilesWorld | DoctorWorld): world is DoctorWorld {
  return 'cluster' in world
}

function named({ context, server }: Cluster): NonNullable<Examination['cluster']> {
  return { context: plain(context), server: plain(server) }
}

/** What is in the way of reading it is told by the checks that need it. */
async function repositoryOf({ places }: FilesWorld): Promise<Examination['repository']> {
  const repository = await places.repository().catch(() => undefined)
  if (repository === undefined) return undefined
  const branch = await repository.branch()
  return { root: repository.root, ...(branch !== undefined && { branch }) }
}

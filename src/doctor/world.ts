import type { Cluster } from '../kubernetes/cluster.ts'
import type { StatusWorld } from '../status/world.ts'
import type { Places } from '../steps/places.ts'

/** The working tree as checks see it. What more than one check needs of it is read through `shared`. */
export interface FilesWorld {
  now: Date
  signal: AbortSignal
  /** Repository, tree, declared Flux Kustomizations, and the External Secrets folder: each throws a Failure where it can't be read. */
  places: Pick<Places, 'repository' | 'tree' | 'declared' | 'folder'>
  /** Missing with `--offline`. */
  live?: StatusWorld
}

/** The cluster besides. */
export interface DoctorWorld extends FilesWorld {
  live: StatusWorld
  cluster: Cluster
}

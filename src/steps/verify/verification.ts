import type { Cluster } from '../../kubernetes/cluster.ts'
import type { Hops, Proof } from './prove.ts'
import type { Subject } from './subjects.ts'
import type { Swept } from './sweep.ts'

/** What became of one store. */
export interface Verified {
  subject: Subject
  hops: Hops
  /** One of the two; neither, if it was not begun. */
  proof?: Proof
  error?: unknown
}

export interface Verification {
  cluster: Pick<Cluster, 'context' | 'server'>
  item: { item: string; field: string }
  swept: Swept
  stores: Verified[]
}

import { exitCodes } from '../failure.ts'
import { nameOf } from '../steps/rotation/bridge.ts'
import type { Hops } from '../steps/verify/prove.ts'
import type { Verification, Verified } from '../steps/verify/verification.ts'
import { plain } from '../text/plain.ts'
import { type ErrorRecord, exitCodeOf, recordOf } from './errors.ts'

/** `uncompared`: a value came through, and whether it is the one that Connect gives could not be asked. */
type StoreVerdict = 'proven' | 'uncompared' | 'failed' | 'not-reached'

export interface StoreReport {
  /** `ClusterSecretStore onepassword` */
  store: string
  namespace: string
  verdict: StoreVerdict
  /** Why it was not compared, to stand after a colon. */
  uncompared?: string
  value?: { length: number; digest: string }
  /** Whole milliseconds; those that were reached. */
  milliseconds: Hops
  refresh?: { length: number; digest: string; compared: boolean; waited: number; since?: number }
  errors: ErrorRecord[]
}

/** The result of a verification, as `-o json` prints it; docs/schema/verify.v1.json describes it. Holds no secret. */
export interface VerifyReport {
  schemaVersion: 1
  command: 'verify'
  verdict: 'proven' | 'uncompared' | 'failed'
  exitCode: number
  cluster?: { context: string; server: string }
  item?: string
  field?: string
  stores: StoreReport[]
  /** What killed runs had left: taken away, or still there. */
  swept: { removed: string[]; kept: string[] }
  /** Of the run as a whole; those of a store stand with it. */
  errors: ErrorRecord[]
}

export function verifyReport({ cluster, item, swept, stores }: Verification): VerifyReport {
  const reports = stores.map(storeReport)
  const failed = stores.find(({ error }) => error !== undefined)
  const isCompared = reports.every(({ verdict }) => verdict === 'proven')
  return {
    ...{ schemaVersion: 1, command: 'verify' },
    verdict: failed !== undefined ? 'failed' : isCompared ? 'proven' : 'uncompared',
    exitCode: failed === undefined ? exitCodes.done : exitCodeOf(failed.error),
    cluster: { context: plain(cluster.context), server: plain(cluster.server) },
    item: plain(item.item),
    field: plain(item.field),
    stores: reports,
    swept,
    errors: [],
  }
}

/** One that ended before anything was proven. */
export function nothingVerified(error: unknown): VerifyReport {
  const nothing = { stores: [], swept: { removed: [], kept: [] }, errors: [recordOf(error)] }
  return { schemaVersion: 1, command: 'verify', verdict: 'failed', exitCode: exitCodeOf(error), ...nothing }
}

function storeReport({ subject, hops, proof, error }: Verified): StoreReport {
  const { refresh, uncompared, ...value } = proof ?? {}
  return {
    store: nameOf(subject.store),
    namespace: subject.namespace,
    verdict: verdictOf(proof, error),
    ...(uncompared !== undefined && { uncompared }),
    ...('digest' in value && { value }),
    milliseconds: Object.fromEntries(Object.entries(hops).map(([hop, took]) => [hop, Math.round(took)])),
    ...(refresh && {
      refresh: { ...refresh, waited: Math.round(refresh.waited), ...(refresh.since !== undefined && { since: Math.round(refresh.since) }) },
    }),
    errors: error === undefined ? [] : [recordOf(error)],
  }
}

function verdictOf(proof: Verified['proof'], error: unknown): StoreVerdict {
  if (error !== undefined) return 'failed'
  if (proof === undefined) return 'not-reached'
  return proof.uncompared === undefined && proof.refresh?.compared !== false ? 'proven' : 'uncompared'
}

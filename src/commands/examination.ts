import type { Check } from '../doctor/check.ts'
import { type Examination, examine, hasCluster } from '../doctor/examine.ts'
import { checkNamed, withoutIgnored } from '../doctor/named.ts'
import type { DoctorWorld, FilesWorld } from '../doctor/world.ts'
import type { DoctorInputs } from '../doctor-inputs.ts'
import { unlessAborted } from '../engine/unless-aborted.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { withoutSources } from '../onepassword/source.ts'
import { openStatus } from '../status/open.ts'
import { refuseOther } from '../steps/cluster.ts'
import { openPlaces, type Places } from '../steps/places.ts'
import type { DoctorView } from '../terminal/doctor-view.ts'
import type { Io } from '../terminal/io.ts'

export interface DoctorRun {
  io: Io
  view: DoctorView
  signal: AbortSignal
}

/** Examines once, or with `--fix` once more after the repairs. Gives the exit code. */
export async function examination(inputs: DoctorInputs, { io, view, signal }: DoctorRun): Promise<number> {
  if (inputs.explain !== undefined) return view.explained(checkNamed(inputs.explain))
  const checks = withoutIgnored(inputs.ignore)
  const look = () => lookOnce(checks, inputs, { io, signal })
  if (inputs.fix) return (await import('./repairs.ts')).repairs(inputs, look, { io, view, signal })
  const { examination: found, close } = await look()
  await close()
  return view.shown(found, inputs)
}

/** What was found, and what keeps the way to the cluster open for its repairs. */
export interface Looked {
  examination: Examination
  /** Undefined with `--offline`. */
  cluster?: Cluster
  close(): Promise<void>
}

/** All is read anew: what was read before a repair is no longer true. */
async function lookOnce(checks: readonly Check[], inputs: DoctorInputs, { io, signal }: Omit<DoctorRun, 'view'>): Promise<Looked> {
  const places = openPlaces(inputs, { env: withoutSources(io.env, []), home: io.home })
  const { close } = places
  const base: FilesWorld = { now: io.now(), signal, places }
  try {
    const world = inputs.offline ? base : await withCluster(base, inputs, places)
    const found = await unlessAborted(examine(checks, world, inputs.timeout), signal)
    return { examination: found, close, ...(hasCluster(world) && { cluster: world.cluster }) }
  } catch (error) {
    await close()
    throw error
  }
}

async function withCluster(base: FilesWorld, inputs: DoctorInputs, places: Places): Promise<DoctorWorld> {
  const cluster = await unlessAborted(places.cluster(), base.signal).catch(orOffline)
  refuseOther(cluster, inputs.expectCluster, 'doctor')
  const repository = () => places.repository().catch(noRepository)
  return { ...base, cluster, live: openStatus(cluster, { repository, inputs, now: base.now, signal: base.signal }) }
}

/** Without a kubeconfig there is no cluster to look at; the files can be looked at all the same. */
function orOffline(error: unknown): never {
  if (!(error instanceof Failure) || error.exit === 'interrupted') throw error
  const { id, exit, message: what, why, fix } = error
  throw new Failure({
    id,
    exit,
    what,
    ...(why !== undefined && { why }),
    fix: [...fix, 'or only the files: eso-bootstrap doctor --offline'],
  })
}

function noRepository(error: unknown): undefined {
  if (!(error instanceof Failure && (error.id === 'not-a-repository' || error.id === 'git-missing'))) throw error
}

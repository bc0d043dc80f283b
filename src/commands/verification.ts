import { unlessAborted } from '../engine/unless-aborted.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { withoutSources } from '../onepassword/source.ts'
import { checkAccess } from '../steps/access.ts'
import { refuseOther } from '../steps/cluster.ts'
import { openCluster } from '../steps/open-cluster.ts'
import { roundTripNeeds } from '../steps/round-trip.ts'
import { prove } from '../steps/verify/prove.ts'
import { subjectsOf } from '../steps/verify/subjects.ts'
import { sweep } from '../steps/verify/sweep.ts'
import type { Verification } from '../steps/verify/verification.ts'
import type { Io } from '../terminal/io.ts'
import type { VerifyView } from '../terminal/verify-view.ts'
import type { VerifyInputs } from '../verify-inputs.ts'

interface VerifyRun {
  io: Io
  view: VerifyView
  signal: AbortSignal
}

/** Sweeps what earlier runs left, and proves one store after the other. Gives the exit code. */
export async function verification(inputs: VerifyInputs, { io, view, signal }: VerifyRun): Promise<number> {
  const { cluster, close } = openCluster(inputs, { env: withoutSources(io.env, []), home: io.home })
  try {
    const chosen = await unlessAborted(cluster(), signal)
    refuseOther(chosen, inputs.expectCluster, 'verify')
    view.begin(chosen)
    const subjects = await unlessAborted(subjectsOf(chosen, inputs), signal)
    const needs = subjects.flatMap(({ namespace }) => roundTripNeeds(namespace))
    await unlessAborted(checkAccess({ cluster }, needs), signal)
    const given = inputs.item ?? (await (await import('../terminal/ask-item.ts')).askItem(io, signal))
    const item = { item: given.item, field: given.field ?? 'password' }
    const swept = await sweep(chosen, new Set(subjects.map(({ namespace }) => namespace)), signal)
    const done: Verification = { cluster: chosen, item, swept, stores: subjects.map((subject) => ({ subject, hops: {} })) }
    const progress = await view.progress()
    try {
      await walk(chosen, done, inputs, { tell: progress, signal })
    } finally {
      progress.stop()
    }
    return view.finished(inputs, done, inputs.item === undefined)
  } finally {
    await close()
  }
}

type Progress = Awaited<ReturnType<VerifyView['progress']>>

/** Each store; one that fails says nothing of the next, but an interruption ends it all. */
async function walk(
  cluster: Cluster,
  { item, stores }: Verification,
  inputs: VerifyInputs,
  { tell, signal }: { tell: Progress; signal: AbortSignal },
): Promise<void> {
  const at = { cluster, item, refresh: inputs.refresh, timeout: inputs.timeout }
  for (const verified of stores) {
    try {
      verified.proof = await prove(at, verified.subject, { signal, hops: verified.hops, tell })
    } catch (error) {
      // What could not be taken away weighs more than the interruption.
      verified.error = signal.aborted && !(error instanceof Failure) ? signal.reason : error
      tell.failed()
      if (signal.aborted) return
    }
  }
}

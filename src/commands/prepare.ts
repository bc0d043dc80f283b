import { blockers, type Looked, lookAtAll, onlyBusy } from '../engine/look.ts'
import { needsOf, type Plan, planOf } from '../engine/plan.ts'
import type { Step } from '../engine/step.ts'
import { unlessAborted } from '../engine/unless-aborted.ts'
import { checkAccess } from '../steps/access.ts'
import type { ClusterWorld } from '../steps/world.ts'

export interface Prepared<World> {
  looked: Looked<World>[]
  plan: Plan
  /** What stands in the way; nothing is written while there is any. */
  errors: unknown[]
}

/** Looks at all steps, and at whether this user may do what is ahead. Reads only; throws only the signal's reason. */
export async function prepare<World extends ClusterWorld>(
  steps: readonly Step<World>[],
  world: World,
  signal: AbortSignal,
): Promise<Prepared<World>> {
  const looked = await unlessAborted(lookAtAll(steps, world), signal)
  const errors = onlyBusy(blockers(looked))
  const access = errors.length === 0 ? checkAccess(world, needsOf(looked)).catch((error) => errors.push(error)) : Promise.resolve()
  await unlessAborted(access, signal)
  return { looked, plan: planOf(looked), errors }
}

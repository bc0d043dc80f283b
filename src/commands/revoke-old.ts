import { apply, type Outcome } from '../engine/apply.ts'
import { lookAtAll } from '../engine/look.ts'
import { planOf } from '../engine/plan.ts'
import type { OpConnect } from '../onepassword/op-connect.ts'
import { type Old, revoke } from '../steps/rotation/revoke.ts'
import type { RotationView } from '../terminal/rotation-view.ts'

/** Deletes what was replaced, in 1Password, after one more question: it can't be had back. */
export async function revokeOld(
  old: readonly Old[],
  { op, view, isConsentNeeded, signal }: { op: OpConnect; view: RotationView; isConsentNeeded: boolean; signal: AbortSignal },
): Promise<Outcome | undefined> {
  const distinct = [...new Map(old.map((each) => [`${each.server} ${each.id}`, each])).values()]
  const looked = await lookAtAll([revoke(op)], { old: distinct, signal })
  if (isConsentNeeded && !(await view.consentsToRevoke(planOf(looked), signal))) return undefined
  const progress = await view.progress()
  return apply(looked, signal, progress.on).finally(progress.stop)
}

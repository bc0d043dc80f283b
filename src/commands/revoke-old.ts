import { apply } from '../engine/apply.ts'
import { lookAtAll } from '../engine/look.ts'
import { planOf } from '../engine/plan.ts'
import type { OpConnect } from '../onepassword/op-connect.ts'
import { type Old, type Revoked, type Revoking, revoke } from '../steps/rotation/revoke.ts'
import type { RotationView } from '../terminal/rotation-view.ts'

/**
 * Deletes what was replaced, in 1Password, after one more question: it can't be had back. Undefined if the answer is no. Never
 * throws: the rotation itself is done.
 */
export async function revokeOld(
  old: readonly Old[],
  { op, view, isConsentNeeded, signal }: { op: OpConnect; view: RotationView; isConsentNeeded: boolean; signal: AbortSignal },
): Promise<Revoked | undefined> {
  const revoking: Revoking = { old, deleted: [], signal }
  const { deleted } = revoking
  const looked = await lookAtAll([revoke(op)], revoking)
  try {
    if (isConsentNeeded && !(await view.consentsToRevoke(planOf(looked), signal))) return undefined
  } catch (error) {
    const failed = { step: 'revoke', error, undone: [], notUndone: [], visible: false }
    return { deleted, outcome: { done: [], says: {}, notes: {}, failed } }
  }
  const progress = await view.progress()
  return { deleted, outcome: await apply(looked, signal, progress.on).finally(progress.stop) }
}

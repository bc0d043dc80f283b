import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { isTransient } from '../upstream/network.ts'
import type { KubernetesObject } from './object.ts'
import { leavesOpen, outcomeUnknown } from './settled.ts'

export interface Wanted {
  /** What there is now; throws a Failure where that isn't to be written over, `changed-meanwhile` if it is somebody else's. */
  look(): Promise<KubernetesObject | undefined>
  isThere(found: KubernetesObject | undefined): boolean
  /** With the resourceVersion of what was found as a precondition. */
  write(found: KubernetesObject | undefined): Promise<KubernetesObject | undefined>
}

/** Milliseconds between the attempts. */
const usual = [200, 400, 800, 1_600]
/** After which nobody waits for one more attempt, in milliseconds. */
const patience = 60_000

/**
 * Looks and writes until what is wanted is there for certain. A write whose answer got lost may still be on its way: the next one
 * carries the same resourceVersion, so that as soon as that is answered the first can change nothing any more. Throws the Failure
 * that ends it, and `outcome-unknown` if a write was never answered.
 */
export async function insist(what: string, wanted: Wanted, pauses: readonly number[] = usual): Promise<KubernetesObject | undefined> {
  const began = Date.now()
  let open: Failure | undefined
  for (let nth = 0; ; nth++) {
    const pause = Date.now() - began > patience ? undefined : pauses[nth]
    let isWriting = false
    try {
      const found = await wanted.look()
      if (wanted.isThere(found)) return found
      isWriting = true
      return await wanted.write(found)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // Somebody else has written meanwhile: what was sent before can't arrive any more either.
      if (error.id === 'changed-meanwhile') open = undefined
      else if (isWriting && leavesOpen(error)) open = error
      const mayPass = isTransient(error) || (isWriting && (leavesOpen(error) || error.id === 'changed-meanwhile'))
      if (!mayPass || pause === undefined) throw open === undefined ? error : outcomeUnknown(what, open)
      await sleep(pause)
    }
  }
}

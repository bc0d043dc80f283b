import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { isTransient } from '../upstream/network.ts'
import type { KubernetesObject } from './object.ts'
import { leavesOpen, outcomeUnknown } from './settled.ts'

export interface Wanted {
  /** What there is now; throws a Failure where that isn't to be written over. */
  look(): Promise<KubernetesObject | undefined>
  isThere(found: KubernetesObject | undefined): boolean
  /** With the resourceVersion of what was found as a precondition. */
  write(found: KubernetesObject | undefined): Promise<KubernetesObject | undefined>
}

const attempts = 5
/** After which nobody waits for one more attempt, in milliseconds. */
const patience = 60_000

/**
 * Looks and writes until what is wanted is there for certain. A write whose answer got lost may still be on its way: the next one
 * carries the same resourceVersion, so that as soon as that is answered the first can change nothing any more. Throws the Failure
 * that ends it, and `outcome-unknown` if a write was never answered.
 */
export async function insist(what: string, { look, isThere, write }: Wanted): Promise<KubernetesObject | undefined> {
  const began = Date.now()
  let open: Failure | undefined
  for (let nth = 1; ; nth++) {
    const isLast = nth === attempts || Date.now() - began > patience
    let isWriting = false
    try {
      const found = await look()
      if (isThere(found)) return found
      isWriting = true
      return await write(found)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      // Somebody else has written meanwhile: what was sent before can't arrive any more either.
      const isOvertaken = isWriting && error.id === 'changed-meanwhile'
      if (isOvertaken) open = undefined
      else if (isWriting && leavesOpen(error)) open = error
      const mayPass = isOvertaken || isTransient(error) || (isWriting && leavesOpen(error))
      if (!mayPass && !isWriting) throw error
      if (!mayPass || isLast) throw open === undefined ? error : outcomeUnknown(what, open)
    }
    await sleep(100 * 2 ** nth)
  }
}

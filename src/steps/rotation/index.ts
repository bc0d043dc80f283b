import type { Step } from '../../engine/step.ts'
import type { RotationInputs } from '../../rotation-inputs.ts'
import { cluster } from '../cluster.ts'
import { lock } from '../lock.ts'
import { everySync } from './every-sync.ts'
import { type Maker, mintServer, mintToken } from './mint.ts'
import { replaceCredentials } from './replace-credentials.ts'
import { replaceToken } from './replace-token.ts'
import { restarted } from './restarted.ts'
import { revalidated } from './revalidated.ts'
import { settled } from './settled.ts'
import { synced } from './synced.ts'
import { trial, trialOfPair } from './trial.ts'
import { uses } from './uses.ts'
import type { RotationWorld } from './world.ts'

/**
 * From a new token, or new credentials with theirs, to a proven one, in the order in which it becomes true: a picture of it is
 * in docs/explanation/how-rotation-works.md. Of several clusters only the first has a `maker`, so that all get the same.
 */
export function rotationSteps({ command, mint, all }: RotationInputs, maker: Maker | undefined): readonly Step<RotationWorld>[] {
  const proof = [revalidated, synced, ...(all ? [everySync] : []), settled]
  const make = mint && maker !== undefined ? maker : undefined
  if (command === 'rotate-token') {
    const made = make === undefined ? [] : [mintToken(make)]
    return [cluster, uses, lock, ...made, trial, replaceToken, ...proof]
  }
  const made = make === undefined ? [] : [mintServer(make)]
  return [cluster, uses, lock, ...made, replaceCredentials, replaceToken, restarted, trialOfPair, ...proof]
}

import type { Step } from '../../engine/step.ts'
import { commandOf } from '../../onepassword/op-words.ts'
import type { RotationInputs } from '../../rotation-inputs.ts'
import { cluster } from '../cluster.ts'
import { lock } from '../lock.ts'
import { everySync } from './every-sync.ts'
import { keepingUsed } from './keeping-used.ts'
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
export function rotationSteps(inputs: RotationInputs, maker: Maker | undefined): readonly Step<RotationWorld>[] {
  const { command, mint, all } = inputs
  const made = mint && maker !== undefined ? [making(command, maker)] : []
  const proof = [revalidated, synced, ...(all ? [everySync] : []), settled]
  if (command === 'rotate-token') return [cluster, uses, lock, ...made, trial, replaceToken, ...proof]
  return [cluster, uses, lock, ...made, replaceCredentials, replaceToken, restarted, trialOfPair, ...proof]
}

function making(command: RotationInputs['command'], maker: Maker): Step<RotationWorld> {
  if (command === 'rotate-credentials')
    return keepingUsed(mintServer(maker), { what: 'the new Connect server', look: async () => commandOf(['connect', 'server', 'list']) })
  const look = async () => commandOf(['connect', 'token', 'list', '--server', (await maker.asked.server()) ?? '<server>'])
  return keepingUsed(mintToken(maker), { what: 'the new token', look })
}

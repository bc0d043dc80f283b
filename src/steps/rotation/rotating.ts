import type { Look } from '../../engine/step.ts'
import type { RotationWorld } from './world.ts'

/** There is something to prove: the token is replaced in this run, or an earlier one replaced it and was ended too soon. */
export async function isRotating(world: RotationWorld, earlier: (id: string) => Promise<Look>): Promise<boolean> {
  const [{ unprovenAfter }, token] = await Promise.all([world.held(), earlier('token')])
  return unprovenAfter !== undefined || token.is === 'pending'
}

import type { Look } from '../../engine/step.ts'
import type { RotationWorld } from './world.ts'

/** There is something to prove: it is replaced in this run, or an earlier one replaced it and was ended too soon. */
export async function isRotating(world: RotationWorld, earlier: (id: string) => Promise<Look>): Promise<boolean> {
  return (await earlier('token')).is === 'pending' || isUnproven(world)
}

/** An earlier run replaced it, and was ended too soon. */
export async function isUnproven(world: RotationWorld): Promise<boolean> {
  const [{ unprovenAfter }, servers] = await Promise.all([world.held(), world.unprovenServers()])
  return unprovenAfter.length > 0 || servers.length > 0
}

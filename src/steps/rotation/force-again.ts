import { forceSync } from './force-sync.ts'
import type { RotationWorld } from './world.ts'

/** Has the ExternalSecrets that were made to synchronise with the new token do so once more, with the one that is there now. */
export async function forceAgain(world: RotationWorld): Promise<void> {
  const cluster = await world.cluster()
  const resource = await cluster.resource('external-secrets.io', 'ExternalSecret')
  if (resource === undefined) return
  await Promise.all(world.forced.map((at) => forceSync(cluster, resource, at)))
}

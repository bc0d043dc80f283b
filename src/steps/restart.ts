import type { Look, Run } from '../engine/step.ts'
import { deployments } from '../kubernetes/resources.ts'
import type { ClusterWorld } from './world.ts'

/** A Secret that was there is written anew. */
export function isReplaced(look: Look | undefined): boolean {
  return look?.is === 'pending' && look.changes.some(({ action }) => action === 'update')
}

/** What restarting Connect takes, where its credentials are replaced. */
export async function restartNeeds(world: ClusterWorld, credentials: Look | undefined): Promise<unknown[]> {
  const { connect, namespace } = await world.folder()
  if (!isReplaced(credentials) || connect?.kind !== 'Deployment') return []
  return [{ verb: 'patch', group: 'apps', resource: 'deployments', namespace: connect.namespace ?? namespace, name: connect.name }]
}

/** Connect reads its credentials only when it starts. Flux keeps the annotation, as its field manager is not kubectl's. */
export async function restartConnect(world: ClusterWorld, credentials: Look | undefined, run: Run): Promise<void> {
  if (isReplaced(credentials)) await restart(world, run)
}

/** Starts Connect's pods anew, if its Deployment is here; the old ones go when the new ones are ready. */
export async function restart(world: ClusterWorld, run: Pick<Run, 'say'>): Promise<void> {
  const { connect, namespace } = await world.folder()
  if (connect?.kind !== 'Deployment') return
  const cluster = await world.cluster()
  const home = connect.namespace ?? namespace
  if ((await cluster.get(deployments, connect.name, home)) === undefined) return
  run.say('restarting 1Password Connect, so that it reads the new credentials')
  const annotations = { 'eso-bootstrap/restarted-at': world.now().toISOString() }
  await cluster.merge(deployments, connect.name, home, { spec: { template: { metadata: { annotations } } } })
}

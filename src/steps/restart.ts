import type { Look, Run } from '../engine/step.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { insist } from '../kubernetes/insist.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { deployments } from '../kubernetes/resources.ts'
import type { ClusterWorld } from './world.ts'

const annotation = 'eso-bootstrap/restarted-at'

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
  const at = { name: connect.name, namespace: connect.namespace ?? namespace, now: world.now() }
  await restartDeployment(await world.cluster(), at, () => run.say('restarting 1Password Connect, so that it reads the new credentials'))
}

/** The same of one Deployment, unless it isn't there; `begins` is called before it is changed. */
export async function restartDeployment(
  cluster: Cluster,
  { name, namespace: home, now }: { name: string; namespace: string; now: Date },
  begins: () => void = () => {},
): Promise<void> {
  const look = () => cluster.get(deployments, name, home)
  const before = await look()
  if (before === undefined) return
  begins()
  // Twice the same would not restart it again.
  const at = new Date(Math.max(now.getTime(), (Date.parse(restartedAt(before) ?? '') || 0) + 1)).toISOString()
  await insist(`Deployment ${home}/${name}`, {
    look,
    isThere: (found) => found === undefined || restartedAt(found) === at,
    write: () => cluster.merge(deployments, name, home, { spec: { template: { metadata: { annotations: { [annotation]: at } } } } }),
  })
}

function restartedAt(deployment: KubernetesObject): string | undefined {
  return deployment['spec']?.template?.metadata?.annotations?.[annotation]
}

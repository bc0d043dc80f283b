import type { Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { namespaces } from '../kubernetes/resources.ts'
import { settled } from '../kubernetes/settled.ts'
import type { World } from './world.ts'

/** Flux looks it up on the live object before it prunes: https://fluxcd.io/flux/components/kustomize/kustomizations/#prune */
const keep = { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }

/** The namespace exists, and pruning cannot take it away with the Secrets inside. */
export const namespace: Step<World> = {
  id: 'namespace',
  title: 'the namespace exists and is safe from pruning',
  async look(world) {
    const [cluster, { namespace: name }] = await Promise.all([world.cluster(), world.folder()])
    const found = await cluster.get(namespaces, name)
    if (found?.metadata.deletionTimestamp !== undefined) throw terminating(name)
    if (isKept(found)) return { is: 'already', says: `namespace ${name}` }
    const what = `Namespace ${name}`
    const now = () => cluster.get(namespaces, name)
    const wanted = kept(name)
    if (found === undefined) {
      return {
        is: 'pending',
        says: `create namespace ${name}`,
        changes: [{ action: 'create', what, note: 'annotated, so that Flux never prunes it' }],
        needs: [{ verb: 'create', group: '', resource: 'namespaces' }],
        async makeItSo() {
          const made = await settled(what, cluster.create(namespaces, wanted), now, isOurs).catch((error) => {
            throw error instanceof Failure && error.id === 'already-exists' ? createdMeanwhile(name) : error
          })
          return { says: `namespace ${name} created`, undo: () => removeIfStillOurs(world, made) }
        },
      }
    }
    return {
      is: 'pending',
      says: `protect namespace ${name} from pruning`,
      changes: [{ action: 'update', what, note: 'annotated, so that Flux never prunes it' }],
      needs: [{ verb: 'patch', group: '', resource: 'namespaces', name }],
      async makeItSo() {
        await keepFromPruning(cluster, name, { force: world.inputs.takeOwnership })
        const bare = { ...wanted, metadata: { name } }
        return {
          says: `namespace ${name} annotated`,
          undo: async () => {
            // The other run counts on it, too.
            if (!world.lockedOut) await cluster.apply(namespaces, bare)
          },
        }
      },
    }
  },
}

/** Annotates a namespace that is there. Throws what the API server says, a conflict among it. */
export async function keepFromPruning(
  cluster: Cluster,
  name: string,
  options: { force?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  const now = () => cluster.get(namespaces, name)
  await settled(`Namespace ${name}`, cluster.apply(namespaces, kept(name), options), now, isKept)
}

function kept(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, annotations: keep } }
}

export function terminating(name: string): Failure {
  return new Failure({
    id: 'namespace-terminating',
    exit: 'blocked',
    what: `The namespace ${name} is being deleted.`,
    why: 'Nothing can be created in it until it is gone.',
    fix: `kubectl get namespace ${name} --watch   (then run this again)`,
  })
}

function createdMeanwhile(name: string): Failure {
  return new Failure({
    id: 'changed-meanwhile',
    exit: 'busy',
    what: `The namespace ${name} was created by somebody else while this was at work.`,
    fix: 'Run this again: it looks anew.',
  })
}

/** Of a namespace that wasn't there before. */
function isOurs(namespace: KubernetesObject): boolean {
  return namespace.metadata.managedFields?.some(({ manager }) => manager === 'eso-bootstrap') === true
}

function isKept(namespace: KubernetesObject | undefined): boolean {
  return Object.entries(keep).every(([key, value]) => namespace?.metadata.annotations?.[key] === value)
}

/** Flux may have adopted it in the meantime: then it is no longer ours to delete. */
async function removeIfStillOurs(world: World, made: KubernetesObject): Promise<void> {
  const cluster = await world.cluster()
  const now = await cluster.get(namespaces, made.metadata.name)
  const adopted = now?.metadata.managedFields?.some(({ manager }) => manager === 'kustomize-controller')
  if (now === undefined || adopted) return
  await cluster.delete(namespaces, made.metadata.name, undefined, { uid: made.metadata.uid ?? '' })
}

import { Failure } from '../../failure.ts'
import type { FluxKustomization } from '../../flux/objects.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import type { Resource } from '../../kubernetes/object.ts'
import { settled } from '../../kubernetes/settled.ts'
import type { Placed } from '../../manifests/content.ts'
import { unifiedDiff } from '../../manifests/diff.ts'
import { groupOf, mapAt } from '../../manifests/documents.ts'
import type { DeclaredKustomization } from '../../manifests/flux-files.ts'
import { reach } from '../../manifests/graph.ts'
import { type Split, splitOf } from '../../manifests/split.ts'
import type { Tree } from '../../manifests/tree.ts'
import { writeFiles } from '../../manifests/write.ts'
import { shellWord } from '../../text/shell-word.ts'
import type { Repair } from '../check.ts'
import type { FilesWorld } from '../world.ts'

/** What Flux looks up on the live object before it prunes: https://fluxcd.io/flux/components/kustomize/kustomizations/#prune */
const keep = { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }

/**
 * Makes two Flux Kustomizations out of one that builds operator and stores, in the files. With the new commit Flux may build the
 * old one before it knows that this one has to wait: it would prune the operator, with its CRDs and every Secret that came of them
 * (https://github.com/fluxcd/kustomize-controller/issues/338). So what moves is annotated in the cluster first, and where that
 * can't be, for want of a cluster, nothing is offered.
 */
export async function splitRepair({ live }: FilesWorld, tree: Tree, old: DeclaredKustomization): Promise<Repair | undefined> {
  const split = await splitOf(tree, old)
  if (split === undefined) return undefined
  const kept = await keptOf(live?.cluster, split, await live?.flux().catch(none), tree, old).catch(none)
  if (kept === undefined) return undefined
  const files = split.edits.map(({ path }) => path)
  return {
    says: `make two Flux Kustomizations out of ${old.name}: ${split.name}, and ${old.name}, which waits for it`,
    diff: split.edits.map(({ path, before, after }) => unifiedDiff(path, before, after)).join(''),
    needs: kept.map(({ resource: { group, plural }, ...at }) => ({ verb: 'patch', group, resource: plural, ...at })),
    async make(signal) {
      if (live !== undefined) for (const each of kept) await keepFromPruning(live.cluster, each, signal)
      await writeFiles(tree.root, split.edits)
      const annotated = kept.length === 0 ? '' : `; ${kept.map(({ name, resource: { kind } }) => `${kind} ${name}`).join(', ')} annotated`
      return `written${annotated}. Look at it, then: git add ${files.map(shellWord).join(' ')} && git commit && git push`
    },
  }
}

interface Kept {
  resource: Resource
  name: string
  namespace?: string
}

/** What has to be kept from being pruned; undefined where that isn't known, or another Flux Kustomization would lose the operator as well. */
async function keptOf(
  cluster: Cluster | undefined,
  { prunes, moved, edits }: Split,
  flux: { kustomizations: readonly FluxKustomization[] } | undefined,
  tree: Tree,
  old: DeclaredKustomization,
): Promise<Kept[] | undefined> {
  if (cluster === undefined || flux === undefined) return prunes ? undefined : []
  const changed = edits.map(({ path }) => path).filter((path) => path !== old.file)
  const isOld = ({ name, namespace }: FluxKustomization) => name === old.name && (old.namespace ?? namespace) === namespace
  for (const each of flux.kustomizations.filter((one) => !isOld(one))) {
    const files = await reach(tree, each.path)
    if (changed.some((path) => files.has(path))) return undefined
  }
  const pruning = flux.kustomizations.filter((each) => isOld(each) && each.prune)
  const applied = new Set(pruning.flatMap(({ inventory }) => inventory))
  const resources = await Promise.all(
    moved.filter(isObject).map(async ({ object, namespace }): Promise<Kept[]> => {
      const metadata = mapAt(object, 'metadata')
      const resource = await cluster.resource(groupOf(object), object['kind'])
      const home = resource?.namespaced === false ? undefined : (old.targetNamespace ?? namespace ?? metadata['namespace'])
      const id = [home ?? '', metadata['name'], groupOf(object), object['kind']].join('_')
      if (resource === undefined || !applied.has(id)) return []
      return [{ resource, name: metadata['name'], ...(home !== undefined && { namespace: home }) }]
    }),
  )
  return resources.flat()
}

/** Kustomizations of kustomize list objects, and are none. */
function isObject({ object }: Placed): boolean {
  return groupOf(object) !== 'kustomize.config.k8s.io' && mapAt(object, 'metadata')['name'] !== undefined
}

async function keepFromPruning(cluster: Cluster, { resource, name, namespace }: Kept, signal: AbortSignal): Promise<void> {
  const { group, version, kind } = resource
  const metadata = { name, ...(namespace !== undefined && { namespace }), annotations: keep }
  const object = { apiVersion: group === '' ? version : `${group}/${version}`, kind, metadata }
  const now = () => cluster.get(resource, name, namespace, signal)
  const isKept = (each: { metadata: { annotations?: Record<string, string> } } | undefined) =>
    Object.entries(keep).every(([key, value]) => each?.metadata.annotations?.[key] === value)
  await settled(`${kind} ${name}`, cluster.apply(resource, object, { signal }), now, isKept)
}

function none(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}

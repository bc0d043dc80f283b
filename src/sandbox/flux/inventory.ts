import type { KubernetesObject } from '../../kubernetes/object.ts'
import { terminate } from '../api/delete.ts'
import type { ObjectStore } from '../api/store.ts'
import { groupOf, type Kind } from '../kinds.ts'

/** One entry of `status.inventory.entries`: `<namespace>_<name>_<group>_<kind>`, and the version it was applied at. */
export interface Entry {
  id: string
  v: string
}

const owner = { name: 'kustomize.toolkit.fluxcd.io/name', namespace: 'kustomize.toolkit.fluxcd.io/namespace' }

export function inventoryOf(objects: readonly KubernetesObject[]): Entry[] {
  return objects.map((each) => ({
    id: [each.metadata.namespace ?? '', each.metadata.name, groupOf(each.apiVersion), each.kind].join('_'),
    v: each.apiVersion.split('/').at(-1) ?? '',
  }))
}

export function placeOf(entry: Entry): Kind & { namespace: string | undefined; name: string } {
  const [namespace, name = '', group = '', kind = ''] = entry.id.split('_')
  return { group, kind, name, namespace: namespace || undefined }
}

/** The labels by which Flux knows its own. */
export function ownerLabels(kustomization: KubernetesObject): Record<string, string> {
  const { name, namespace = '' } = kustomization.metadata
  return { [owner.name]: name, [owner.namespace]: namespace }
}

/**
 * Deletes what is no longer built, if it still carries this Kustomization's labels and nothing protects it; looked up on the live object
 * (https://fluxcd.io/flux/components/kustomize/kustomizations/#prune).
 */
export function prune(store: ObjectStore, labels: Record<string, string>, before: readonly Entry[], now: readonly Entry[]): void {
  for (const entry of before) {
    if (now.some((each) => each.id === entry.id)) continue
    const { namespace, name, ...kind } = placeOf(entry)
    const live = store.get(kind, namespace, name)
    if (!live || !Object.entries(labels).every(([label, value]) => live.metadata.labels?.[label] === value)) continue
    const marks = { ...live.metadata.labels, ...live.metadata.annotations }
    const prefix = 'kustomize.toolkit.fluxcd.io/'
    if (marks[`${prefix}prune`] === 'disabled' || marks[`${prefix}reconcile`] === 'disabled' || marks[`${prefix}ssa`] === 'Ignore') continue
    terminate({ store, now: () => new Date() }, live, false)
  }
}

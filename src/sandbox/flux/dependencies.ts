import { condition, type KubernetesObject } from '../../kubernetes/object.ts'
import { type Kind, kinds } from '../kinds.ts'
import type { Store } from '../store.ts'

interface SourceRef {
  kind: string
  name: string
  namespace?: string
}

/** Where a Kustomization's files come from: the kind, namespace and name of its source. */
export function sourceOf(kustomization: KubernetesObject): { kind: Kind; namespace: string | undefined; name: string } {
  const { kind, name, namespace }: SourceRef = kustomization['spec'].sourceRef
  return { kind: { ...kinds.gitRepository, kind }, namespace: namespace ?? kustomization.metadata.namespace, name }
}

/**
 * Why a Kustomization can't go on yet, in kustomize-controller's words: each dependency has to be ready, and as new as
 * this one if both have the same source (https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies).
 */
export function unmetDependency(store: Store, kustomization: KubernetesObject, revision: string): string | undefined {
  const dependencies: { name: string; namespace?: string }[] = kustomization['spec'].dependsOn ?? []
  for (const { name, namespace = kustomization.metadata.namespace } of dependencies) {
    const found = store.get(kinds.kustomization, namespace, name)
    const says = (what: string) => `dependency '${namespace}/${name}' ${what}`
    if (!found) return says('not found')
    const settled = found['status']?.observedGeneration === found.metadata.generation
    if (!settled || condition(found, 'Ready')?.status !== 'True') return says('is not ready')
    const sameSource = JSON.stringify(sourceOf(found)) === JSON.stringify(sourceOf(kustomization))
    if (sameSource && found['status']?.lastAppliedRevision !== revision) return says('revision is not up to date')
  }
  return undefined
}

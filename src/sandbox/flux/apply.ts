import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { ObjectStore } from '../api/store.ts'
import { checkWebhooks } from '../external-secrets/webhook.ts'
import { kindOf, kinds } from '../kinds.ts'
import type { Store } from '../store.ts'
import { takeOver } from './take-over.ts'

/** Server-side apply that takes what others own; throws an Error with the API server's text. */
export type Apply = (object: KubernetesObject, options: { manager: string; dryRun: boolean }) => void

/** A build that was refused, in kustomize-controller's words. What was applied before stays applied. */
export class ApplyError extends Error {}

const early = new Set(['CustomResourceDefinition', 'Namespace', 'ClusterRole'])
const settings = { reconcile: 'kustomize.toolkit.fluxcd.io/reconcile', ssa: 'kustomize.toolkit.fluxcd.io/ssa' }

/**
 * Applies a build in Flux's stages. Inside a stage everything is tried first, and the first refusal ends it before anything
 * of the stage is applied: one store without its CRD, and not even the HelmRelease that would bring the CRD gets through
 * (https://github.com/fluxcd/pkg/blob/main/ssa/manager_apply.go).
 */
export function applyStaged(store: ObjectStore, apply: Apply, objects: readonly KubernetesObject[]): void {
  const manager = 'kustomize-controller'
  const stages = [
    objects.filter((each) => early.has(each.kind)),
    objects.filter((each) => !early.has(each.kind) && each.kind.endsWith('Class')),
    objects.filter((each) => !early.has(each.kind) && !each.kind.endsWith('Class')),
  ]
  for (const stage of stages) {
    const wanted = stage.filter((each) => !isLeftAlone(store, each))
    for (const object of wanted) {
      try {
        checkWebhooks(store, object)
        apply(object, { manager, dryRun: true })
      } catch (error) {
        throw new ApplyError(textOf(store, object, error as Error))
      }
    }
    for (const object of wanted) {
      takeOver(store, store.get(kindOf(object), object.metadata.namespace, object.metadata.name))
      apply(object, { manager, dryRun: false })
    }
  }
}

/** `Kind/namespace/name`, as Flux names objects in messages. */
function named(object: KubernetesObject): string {
  return [object.kind, object.metadata.namespace, object.metadata.name].filter(Boolean).join('/')
}

function textOf(store: Store, object: KubernetesObject, error: Error): string {
  const { namespace } = object.metadata
  if (namespace !== undefined && !store.get(kinds.namespace, undefined, namespace) && /not found/.test(error.message)) {
    return `${named(object)} not found: namespaces "${namespace}" not found`
  }
  if (error.message.startsWith('namespace not specified')) return `${named(object)} ${error.message}`
  const reason = (error as { body?: { reason?: string } }).body?.reason
  return `${named(object)} dry-run failed${reason ? ` (${reason})` : ''}: ${error.message}`
}

/** https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources */
function isLeftAlone(store: Store, object: KubernetesObject): boolean {
  const live = store.get(kindOf(object), object.metadata.namespace, object.metadata.name)
  const setting = (name: string) =>
    object.metadata.annotations?.[name] ?? live?.metadata.annotations?.[name] ?? live?.metadata.labels?.[name]
  if (setting(settings.reconcile) === 'disabled' || setting(settings.ssa) === 'Ignore') return true
  return live !== undefined && setting(settings.ssa) === 'IfNotPresent'
}

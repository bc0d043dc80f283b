import type { KubernetesObject, ManagedFields } from '../../kubernetes/object.ts'
import { fromFieldsV1, toFieldsV1, union } from '../api/fields.ts'
import type { ObjectStore } from '../api/store.ts'

const applier = 'kustomize-controller'

/** Flux compares the beginning of the name, so `kubectl-annotate` is meant as well. */
const takenOver = /^(kubectl|before-first-apply)/

/**
 * Makes kustomize-controller the owner of what kubectl wrote, as it does before it applies an object: labels and annotations
 * that were set by hand and aren't in git go with that apply, those of other managers stay
 * (https://github.com/fluxcd/pkg/blob/main/ssa/patch.go).
 */
export function takeOver(store: ObjectStore, live: KubernetesObject | undefined): void {
  const entries = live?.metadata.managedFields ?? []
  const isTaken = (each: ManagedFields) => {
    const own = each.manager === applier && each.operation === 'Update'
    return each.subresource === undefined && (own || takenOver.test(each.manager))
  }
  const taken = entries.filter(isTaken)
  if (!live || taken.length === 0) return
  const mine = entries.find((each) => each.manager === applier && each.operation === 'Apply' && each.subresource === undefined)
  const sets = [...taken, ...(mine ? [mine] : [])].map((each) => fromFieldsV1(each.fieldsV1))
  const first = mine ?? (taken[0] as ManagedFields)
  const whole: ManagedFields = { ...first, manager: applier, operation: 'Apply', fieldsV1: toFieldsV1(union(...sets)) }
  const rest = entries.filter((each) => !taken.includes(each) && each !== mine)
  store.commit({ ...live, metadata: { ...live.metadata, managedFields: [whole, ...rest] } })
}

import type { Condition, KubernetesObject } from '../../kubernetes/object.ts'
import { withCondition } from '../conditions.ts'

export const requestedAt = 'reconcile.fluxcd.io/requestedAt'

type More = Record<string, unknown>

/** Flux's three kinds of status. Reconciling is there only while true, and observedGeneration moves only with success. */
export function succeeded(object: KubernetesObject, reason: string, message: string, more: More = {}): object {
  const ready = conditionsWith(object, [{ type: 'Ready', status: 'True', reason, message }])
  return { ...object['status'], ...handled(object), observedGeneration: object.metadata.generation, ...more, conditions: ready }
}

/** A failure that is tried again: for kstatus, and so for the `flux` command, this is still in progress. */
export function failed(object: KubernetesObject, reason: string, message: string, more: More = {}): object {
  const conditions = conditionsWith(object, [
    { type: 'Reconciling', status: 'True', reason: 'ProgressingWithRetry', message },
    { type: 'Ready', status: 'False', reason, message },
  ])
  return { observedGeneration: -1, ...object['status'], ...handled(object), ...more, conditions }
}

export function progressing(object: KubernetesObject, message: string, more: More = {}): object {
  const conditions = conditionsWith(object, [
    { type: 'Reconciling', status: 'True', reason: 'Progressing', message },
    { type: 'Ready', status: 'Unknown', reason: 'Progressing', message },
  ])
  return { observedGeneration: -1, ...object['status'], ...more, conditions }
}

/** The request that this reconcile answers: written when it has ended, well or not. */
function handled(object: KubernetesObject): More {
  const request = object.metadata.annotations?.[requestedAt]
  return request === undefined ? {} : { lastHandledReconcileAt: request }
}

function conditionsWith(object: KubernetesObject, next: Omit<Condition, 'lastTransitionTime'>[]): Condition[] {
  const { generation } = object.metadata
  const before: Condition[] = object['status']?.conditions ?? []
  const kept = before.filter((each) => each.type !== 'Reconciling' || next.some((one) => one.type === 'Reconciling'))
  return next.reduce((all, each) => withCondition(all, { ...each, ...(generation ? { observedGeneration: generation } : {}) }), kept)
}

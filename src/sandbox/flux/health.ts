import { type Condition, condition, type KubernetesObject } from '../../kubernetes/object.ts'
import { is, kinds } from '../kinds.ts'

export type Health = 'Current' | 'InProgress' | 'Failed' | 'NotFound' | 'Terminating'

/** One of `spec.healthCheckExprs`: CEL in the real controller; of it the sandbox knows the forms that people write. */
export interface HealthExpression {
  apiVersion: string
  kind: string
  current?: string
  failed?: string
}

/**
 * How an object does in the eyes of kstatus: a condition Ready that is False counts as still in progress, and no condition at
 * all as done (https://github.com/fluxcd/cli-utils/blob/main/pkg/kstatus/status/generic.go).
 */
export function healthOf(object: KubernetesObject | undefined, expressions: readonly HealthExpression[] = []): Health {
  if (!object) return 'NotFound'
  if (object.metadata.deletionTimestamp) return 'Terminating'
  const expression = expressions.find((each) => each.kind === object.kind && group(each.apiVersion) === group(object.apiVersion))
  if (expression) return evaluate(expression, object)
  const status = object['status'] ?? {}
  if (status.observedGeneration !== undefined && status.observedGeneration !== object.metadata.generation) return 'InProgress'
  if (is(object, kinds.deployment)) return deployment(object)
  if (is(object, kinds.crd)) return condition(object, 'Established')?.status === 'True' ? 'Current' : 'InProgress'
  if (condition(object, 'Stalled')?.status === 'True') return 'Failed'
  if (condition(object, 'Reconciling')?.status === 'True') return 'InProgress'
  const ready = condition(object, 'Ready')
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress'
}

function deployment(object: KubernetesObject): Health {
  const { updatedReplicas = 0, availableReplicas = 0, observedGeneration } = object['status'] ?? {}
  const wanted = object['spec'].replicas ?? 1
  return observedGeneration !== undefined && updatedReplicas >= wanted && availableReplicas >= wanted ? 'Current' : 'InProgress'
}

function evaluate(expression: HealthExpression, object: KubernetesObject): Health {
  const conditions: Condition[] | undefined = object['status']?.conditions
  if (conditions === undefined) return 'InProgress'
  if (expression.failed !== undefined && holds(expression.failed, conditions)) return 'Failed'
  return expression.current === undefined || holds(expression.current, conditions) ? 'Current' : 'InProgress'
}

const filtered = /^status\.conditions\.filter\(e, e\.type == ['"](\w+)['"]\)\.(all|exists)\(e, e\.status == ['"](\w+)['"]\)$/
const existing = /^status\.conditions\.exists\(e, e\.type == ['"](\w+)['"] && e\.status == ['"](\w+)['"]\)$/

function holds(expression: string, conditions: readonly Condition[]): boolean {
  const [, type, quantifier, status] = filtered.exec(expression.trim()) ?? []
  if (type !== undefined) {
    const found = conditions.filter((each) => each.type === type)
    // As in CEL, all of none is true.
    return quantifier === 'all' ? found.every((each) => each.status === status) : found.some((each) => each.status === status)
  }
  const [, wanted, value] = existing.exec(expression.trim()) ?? []
  return conditions.some((each) => each.type === wanted && each.status === value)
}

const group = (apiVersion: string) => apiVersion.split('/')[0]

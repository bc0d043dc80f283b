import type { Condition } from '../kubernetes/object.ts'

/** The conditions with this one set; the time of transition moves only when the status does. */
export function withCondition(conditions: readonly Condition[] | undefined, next: Omit<Condition, 'lastTransitionTime'>): Condition[] {
  const before = conditions?.find((each) => each.type === next.type)
  const lastTransitionTime = (before?.status === next.status ? before.lastTransitionTime : undefined) ?? timestamp()
  const others = conditions?.filter((each) => each.type !== next.type) ?? []
  return [...others, { ...next, lastTransitionTime }]
}

/** Now, in whole seconds, as Kubernetes writes it. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}

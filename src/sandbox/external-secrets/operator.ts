import { isReady } from '../../kubernetes/object.ts'
import { kinds } from '../kinds.ts'
import type { Store } from '../store.ts'

export interface Operator {
  namespace: string
  major: number
  minor: number
}

/** The External Secrets Operator that runs here: a ready pod of a Deployment with the chart's labels; undefined if there is none. */
export function runningOperator(store: Store): Operator | undefined {
  const pod = store.list(kinds.pod).find((each) => each.metadata.labels?.['app.kubernetes.io/name'] === 'external-secrets' && isReady(each))
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(pod?.metadata.labels?.['app.kubernetes.io/version'] ?? '') ?? []
  if (!pod || major === undefined || minor === undefined) return undefined
  return { namespace: pod.metadata.namespace ?? '', major: Number(major), minor: Number(minor) }
}

/** True for this version and all after it. */
export function since(operator: Operator, major: number, minor: number): boolean {
  return operator.major > major || (operator.major === major && operator.minor >= minor)
}

import type { VerifyInputs } from '../verify-inputs.ts'
import { on, value } from './equivalent.ts'

/** The command that does the same without asking. */
export function equivalentVerification(inputs: VerifyInputs, { item, field }: { item: string; field: string }): string {
  const { store } = inputs
  const words = [
    ...value('--context', inputs.context),
    ...value('--kubeconfig', inputs.kubeconfig),
    ...value('--expect-cluster', inputs.expectCluster),
    ...value('--namespace', inputs.namespace),
    ...value('--store', store && [store.namespace, store.name].filter(Boolean).join('/')),
    ...on('--all-stores', inputs.allStores),
    ...value('--item', `${item}/${field}`),
    ...on('--refresh', inputs.refresh),
  ]
  return ['eso-bootstrap verify', ...words].join(' ')
}

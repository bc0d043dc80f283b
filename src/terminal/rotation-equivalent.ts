import type { RotationInputs } from '../rotation-inputs.ts'
import { on, source, value } from './equivalent.ts'

/** The unattended command that does what a guided rotation did, one option a line. */
export function equivalentRotation(inputs: RotationInputs): string[] {
  const { command, store, verifyItem, keepIn } = inputs
  const made = ['--mint', ...(inputs.expiresIn === '90d' ? [] : value('--expires-in', inputs.expiresIn))]
  const given = [
    ...(command === 'rotate-credentials' ? source('--credentials', inputs.credentials) : []),
    ...source('--token', inputs.token),
  ]
  return [
    `eso-bootstrap ${command} --yes`,
    ...inputs.contexts.flatMap((context) => value('--context', context)),
    ...value('--contexts-from', inputs.contextsFrom),
    ...value('--kubeconfig', inputs.kubeconfig),
    ...value('--expect-cluster', inputs.expectCluster),
    ...value('--store', store && [store.namespace, store.name].filter(Boolean).join('/')),
    ...(inputs.mint ? made : given),
    ...value('--keep-in', keepIn && `${keepIn.vault}/${keepIn.title}`),
    ...value('--verify-item', verifyItem && [verifyItem.item, verifyItem.field].filter(Boolean).join('/')),
    ...on('--all', inputs.all),
    ...on('--revoke-old', inputs.revokeOld),
    ...on('--take-ownership', inputs.takeOwnership),
  ]
}

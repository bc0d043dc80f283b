import { relative } from 'node:path'
import type { Inputs } from '../inputs.ts'
import { describeSource, type Source } from '../onepassword/source.ts'
import { shellWord } from '../text/shell-word.ts'

/**
 * The unattended command that does what a guided run did from this folder, one option a line. Where a secret was pasted, or
 * one in the cluster was kept, a placeholder stands for its source: unattended it must be given.
 */
export function equivalentCommand(inputs: Inputs, cwd: string): string[] {
  const { verifyItem, kustomization, branch } = inputs
  return [
    'eso-bootstrap init --yes',
    ...value('--repo', relative(cwd, inputs.repo) || undefined),
    ...value('--context', inputs.context),
    ...value('--kubeconfig', inputs.kubeconfig),
    ...value('--expect-cluster', inputs.expectCluster),
    ...value('--namespace', inputs.namespace),
    ...value('--path', inputs.path),
    ...value('--kustomization', kustomization && [kustomization.namespace, kustomization.name].filter(Boolean).join('/')),
    ...on('--scaffold', inputs.scaffold),
    ...value('--cluster-path', inputs.clusterPath),
    ...value('--eso-version', inputs.esoVersion),
    ...value('--connect-version', inputs.connectVersion),
    ...(inputs.offline ? ['--offline'] : [...source('--credentials', inputs.credentials), ...source('--token', inputs.token)]),
    ...inputs.vaults.flatMap(({ key, order }, at) => value('--vault', order === at + 1 ? key : `${key}=${order}`)),
    ...value('--git', branch === undefined ? inputs.git : undefined),
    ...value('--branch', branch),
    ...on('--replace', inputs.replace),
    ...on('--take-ownership', inputs.takeOwnership),
    ...on('--no-reconcile', !inputs.reconcile),
    ...on('--no-wait', !inputs.wait),
    ...value('--verify-item', verifyItem && [verifyItem.item, verifyItem.field].filter(Boolean).join('/')),
  ]
}

/** How it is shown at the end of a guided run. */
export function unattended(command: readonly string[]): string[] {
  const lines = command.map((line, at) => `  ${at === 0 ? '' : '  '}${line}${at === command.length - 1 ? '' : ' \\'}`)
  return ['', 'The same, unattended:', ...lines]
}

export function value(flag: string, said: string | undefined): string[] {
  return said === undefined ? [] : [`${flag} ${shellWord(said)}`]
}

export function on(flag: string, isOn: boolean): string[] {
  return isOn ? [flag] : []
}

export function source(flag: string, from: Source | undefined): string[] {
  return value(flag, from === undefined || from.kind === 'given' ? 'op://<vault>/<item>/<field>' : sourceWord(from))
}

function sourceWord(from: Source): string {
  if (from.kind === 'stdin') return '-'
  return from.kind === 'env' ? `env:${from.name}` : describeSource(from)
}

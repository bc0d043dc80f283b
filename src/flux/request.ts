import type { Environment } from '../child.ts'
import { run } from '../child.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { Resource } from '../kubernetes/object.ts'
import type { Reference } from './objects.ts'

/**
 * Asks Flux to reconcile an object now. The field manager is the one that Flux's own command uses, which its controllers
 * don't take for drift: https://fluxcd.io/flux/components/kustomize/kustomizations/#triggering-a-reconcile
 */
export async function request(cluster: Cluster, resource: Resource, at: Reference): Promise<void> {
  const annotations = { 'reconcile.fluxcd.io/requestedAt': new Date().toISOString() }
  await cluster.merge(resource, at.name, at.namespace, { metadata: { annotations } }, { fieldManager: 'flux-client-side-apply' })
}

/**
 * `flux reconcile kustomization … --with-source`; true if it succeeded. What it says is not listened to: it reports a failed
 * Kustomization only as its own timeout, and success also for an old commit (docs/adr/0004-verdict-from-objects-not-from-flux.md).
 */
export async function fluxReconcile(
  cluster: Cluster,
  kustomization: Reference,
  options: { env: Environment; timeout: number; signal: AbortSignal },
): Promise<boolean> {
  const { name, namespace } = kustomization
  const seconds = Math.max(1, Math.floor(options.timeout / 1000))
  const args = [
    'reconcile',
    'kustomization',
    name,
    '-n',
    namespace,
    '--with-source',
    `--timeout=${seconds}s`,
    `--context=${cluster.context}`,
  ]
  const env = cluster.kubeconfig === undefined ? options.env : { ...options.env, KUBECONFIG: cluster.kubeconfig }
  try {
    const { code } = await run('flux', args, { env, deadline: options.timeout, signal: options.signal })
    return code === 0
  } catch (error) {
    if (error instanceof Failure || options.signal.aborted) return false
    throw error
  }
}

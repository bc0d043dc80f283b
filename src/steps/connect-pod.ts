import { Failure } from '../failure.ts'
import type { Cluster, PodPort } from '../kubernetes/cluster.ts'
import { podBehind } from '../kubernetes/service-pod.ts'

/**
 * The pod behind a store's connectHost, if this user may speak to it; or why it can't be asked, as words to stand after a colon.
 * A bare name is one of `namespace`. Throws the signal's reason.
 */
export async function connectPod(
  cluster: Cluster,
  connectHost: string,
  from: { namespace: string; signal: AbortSignal },
): Promise<PodPort | { why: string }> {
  const pod = await podBehind(cluster, connectHost, from).catch(untried)
  from.signal.throwIfAborted()
  if (!('why' in pod) && (await mayNot(cluster, pod))) return { why: `this user may not forward a port to a pod in ${pod.namespace}` }
  return pod
}

/** Since Kubernetes 1.35 both are asked for: https://github.com/kubernetes/kubernetes/pull/134577 */
async function mayNot(cluster: Cluster, { namespace }: PodPort): Promise<boolean> {
  const what = { group: '', resource: 'pods', subresource: 'portforward', namespace }
  return (await cluster.forbidden((['get', 'create'] as const).map((verb) => ({ verb, ...what })))).length > 0
}

/** No answer came: a way that is closed says nothing of what is behind it. */
export function untried(error: unknown): { why: string } {
  if (error instanceof Failure) return { why: error.message.replace(/\.$/, '') }
  throw error
}

import { randomBytes } from 'node:crypto'
import type { Cluster } from '../../kubernetes/cluster.ts'
import type { KubernetesObject, Resource } from '../../kubernetes/object.ts'
import { annotation, type Place } from './external-secrets.ts'

/** A value that our annotation has never had. */
export function freshValue(): string {
  return `${new Date().toISOString()}-${randomBytes(4).toString('hex')}`
}

/**
 * Makes an ExternalSecret synchronise, as any change of an annotation does, and gives it as it was then. Throws a Failure.
 * https://external-secrets.io/latest/introduction/faq/#can-i-manually-trigger-a-secret-refresh
 */
export function forceSync(
  cluster: Cluster,
  resource: Resource,
  { namespace, name }: Place,
  options: { value?: string; signal?: AbortSignal } = {},
): Promise<KubernetesObject> {
  const { value = freshValue(), signal } = options
  return cluster.merge(resource, name, namespace, { metadata: { annotations: { [annotation]: value } } }, signal && { signal })
}

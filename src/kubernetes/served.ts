import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { condition, type KubernetesObject, type Resource } from './object.ts'
import { customResourceDefinitions } from './resources.ts'
import { until, type WaitOptions } from './wait.ts'

/** True when the API server has accepted a CRD's names. */
export function isEstablished(definition: KubernetesObject | undefined): boolean {
  return condition(definition, 'Established')?.status === 'True'
}

/**
 * The resource of a kind that a CRD brings, as soon as the API server serves it. A CRD is Established before discovery knows
 * it: https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiextensions-apiserver/pkg/controller/establish/establishing_controller.go
 * Throws what `until` throws.
 */
export async function whenServed(
  cluster: Cluster,
  at: { definition: string; resource(): Promise<Resource | undefined> },
  { signal, deadline }: WaitOptions,
): Promise<Resource> {
  const end = Date.now() + deadline
  for (;;) {
    const left = { signal, deadline: Math.max(0, end - Date.now()) }
    const isThere = (object: KubernetesObject | undefined) => (isEstablished(object) && left.deadline > 0 ? true : undefined)
    await until(cluster, customResourceDefinitions, { name: at.definition }, isThere, left)
    const resource = await at.resource()
    if (resource !== undefined) return resource
    await sleep(250, undefined, { signal })
  }
}

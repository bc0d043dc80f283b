import type { KubernetesObject } from '../../kubernetes/object.ts'
import { runsConnect } from '../../manifests/consumer.ts'
import type { DoctorWorld } from '../world.ts'

/** The Deployments that run Connect here. Throws a Failure where they can't be read. */
export async function connectHere({ live }: DoctorWorld): Promise<KubernetesObject[]> {
  return (await live.deployments()).filter((each) => runsConnect(each))
}

/** The labels that its pods get. */
export function podLabels(deployment: KubernetesObject): Record<string, string> {
  return deployment['spec']?.template?.metadata?.labels ?? {}
}

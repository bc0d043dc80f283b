import type { Environment } from '../../child.ts'
import { kubeconfigsMatching } from '../../kubernetes/contexts-from.ts'
import type { RotationInputs } from '../../rotation-inputs.ts'
import { type OpenCluster, openCluster } from '../open-cluster.ts'

/** The clusters that the options name, in their order. Throws a Failure where `--contexts-from` finds none. */
export async function openTargets(
  { contexts, contextsFrom, kubeconfig }: RotationInputs,
  at: { env: Environment; home: string },
): Promise<OpenCluster[]> {
  if (contextsFrom !== undefined) return (await kubeconfigsMatching(contextsFrom)).map((file) => openCluster({ kubeconfig: file }, at))
  const places = contexts.length === 0 ? [{ kubeconfig }] : contexts.map((context) => ({ kubeconfig, context }))
  return places.map((place) => openCluster(place, at))
}

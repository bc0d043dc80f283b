import { createHash, randomBytes } from 'node:crypto'
import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { withCondition } from '../conditions.ts'
import { type Controller, type Key, keyOf } from '../controller.ts'
import { is, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'

const manager = 'kube-controller-manager'

/** The Deployment controller: a pod for each replica of the current template, and the old ones gone once the new ones are ready. */
export function deploymentController(store: Store): Controller {
  return {
    name: 'deployments',
    concerns: (object) => {
      if (is(object, kinds.deployment)) return [keyOf(object)]
      return is(object, kinds.pod) ? owners(object) : []
    },
    reconcile: async (key) => {
      const deployment = store.get(kinds.deployment, key.namespace, key.name)
      const pods = store.list(kinds.pod, key.namespace).filter((pod) => owners(pod).some((each) => each.name === key.name))
      if (deployment) rollOut(store, deployment, pods)
      return undefined
    },
  }
}

function rollOut(store: Store, deployment: KubernetesObject, pods: KubernetesObject[]): void {
  const { namespace } = deployment.metadata
  const wanted: number = deployment['spec'].replicas ?? 1
  const hash = createHash('sha256').update(JSON.stringify(deployment['spec'].template)).digest('hex').slice(0, 10)
  const current = pods.filter((pod) => pod.metadata.labels?.['pod-template-hash'] === hash)
  const old = pods.filter((pod) => !current.includes(pod))
  while (current.length < wanted) current.push(store.put(newPod(deployment, hash), manager))
  for (const pod of current.splice(wanted)) store.remove(kinds.pod, namespace, pod.metadata.name)
  const ready = current.filter(isReady)
  if (ready.length === wanted) for (const pod of old.splice(0)) store.remove(kinds.pod, namespace, pod.metadata.name)

  const available = ready.length + old.filter(isReady).length
  const complete = ready.length === wanted && old.length === 0
  const conditions = withCondition(deployment['status']?.conditions, {
    type: 'Available',
    status: available >= wanted ? 'True' : 'False',
    reason: available >= wanted ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: available >= wanted ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  })
  const progress = `ReplicaSet "${deployment.metadata.name}-${hash}"`
  setStatus(
    store,
    deployment,
    {
      observedGeneration: deployment.metadata.generation,
      replicas: current.length + old.length,
      updatedReplicas: current.length,
      readyReplicas: available,
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted - available),
      conditions: withCondition(conditions, {
        type: 'Progressing',
        status: 'True',
        reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
        message: complete ? `${progress} has successfully progressed.` : `${progress} is progressing.`,
      }),
    },
    manager,
  )
}

function newPod(deployment: KubernetesObject, hash: string): KubernetesObject {
  const { apiVersion, kind, metadata } = deployment
  const { template } = deployment['spec']
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${metadata.name}-${hash}-${randomBytes(3).toString('hex').slice(0, 5)}`,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      labels: { ...template.metadata?.labels, 'pod-template-hash': hash },
      ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }],
    },
    spec: template.spec,
  }
}

function owners(pod: KubernetesObject): Key[] {
  const { namespace, ownerReferences = [] } = pod.metadata
  return ownerReferences.filter((each) => each.kind === 'Deployment').map(({ name }) => ({ ...kinds.deployment, namespace, name }))
}

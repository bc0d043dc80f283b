import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { type Controller, type Key, keyOf } from '../controller.ts'
import { is, kinds } from '../kinds.ts'
import type { Store } from '../store.ts'
import { selected } from './network.ts'

const manager = 'kube-controller-manager'
const controlledBy = 'endpointslice-controller.k8s.io'

/** Keeps one EndpointSlice for each Service that selects pods: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ */
export function endpointSliceController(store: Store): Controller {
  return {
    name: 'endpoint slices',
    concerns: (object) => {
      if (is(object, kinds.service)) return [keyOf(object)]
      return is(object, kinds.pod) ? store.list(kinds.service, object.metadata.namespace).map(keyOf) : []
    },
    reconcile: async (key) => {
      const service = store.get(kinds.service, key.namespace, key.name)
      const before = store.get(kinds.endpointSlice, key.namespace, key.name)
      if (service?.['spec'].selector === undefined) {
        if (before) store.remove(kinds.endpointSlice, key.namespace, key.name)
        return undefined
      }
      const endpoints = selected(store, service).map(endpoint)
      if (JSON.stringify(before?.['endpoints']) !== JSON.stringify(endpoints)) store.put(slice(key, service, endpoints), manager)
      return undefined
    },
  }
}

/** The real ones end in five random letters, and there may be several of them. */
function slice(key: Key, { apiVersion, kind, metadata }: KubernetesObject, endpoints: object[]): KubernetesObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: key.name,
      ...(key.namespace !== undefined && { namespace: key.namespace }),
      labels: { 'kubernetes.io/service-name': key.name, 'endpointslice.kubernetes.io/managed-by': controlledBy },
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }],
    },
    addressType: 'IPv4',
    endpoints,
  }
}

function endpoint(pod: KubernetesObject): object {
  const ready = isReady(pod)
  const { name, namespace } = pod.metadata
  return {
    addresses: ['10.244.0.1'],
    conditions: { ready, serving: ready, terminating: false },
    targetRef: { kind: 'Pod', name, namespace },
  }
}

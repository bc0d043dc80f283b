import type { KubernetesObject } from '../kubernetes/object.ts'
import type { ObjectStore } from './api/store.ts'
import { kindOf } from './kinds.ts'

/** What the actors ask of the API server's store: they live in its process, as admission and storage would. */
export type Store = Pick<ObjectStore, 'get' | 'list' | 'put' | 'status' | 'remove' | 'onChange'>

/** Writes an object's status, unless the object has gone meanwhile. */
export function setStatus(store: Store, object: KubernetesObject, status: object, manager: string): void {
  const { namespace, name, uid } = object.metadata
  if (store.get(kindOf(object), namespace, name)?.metadata.uid === uid) store.status(kindOf(object), namespace, name, status, manager)
}

import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { Context } from './context.ts'
import { customTypes, statusOf } from './crd.ts'
import { terminate } from './delete.ts'
import { kindOf, type StoreEvent } from './store.ts'

type World = Pick<Context, 'store' | 'registry' | 'now'>

const namespaceKind = { group: '', kind: 'Namespace' }

/** What kube-controller-manager and the CRD controllers do as far as clients rely on it; gives the way to stop them. */
export function startControllers(world: World): () => void {
  const pending = new Set<NodeJS.Immediate>()
  const later = (job: () => void) => {
    const handle = setImmediate(() => {
      pending.delete(handle)
      job()
    })
    pending.add(handle)
  }
  const stop = world.store.onChange((event) => {
    const { object } = event
    if (object.kind === 'CustomResourceDefinition') serveCustomKind(world, event)
    if (event.type === 'DELETED' && object.metadata.uid) collectGarbage(world, object.metadata.uid)
    if (event.type === 'ADDED' && object.metadata.ownerReferences?.length) later(() => collectOrphan(world, object))
    const home = object.kind === 'Namespace' ? object.metadata.name : event.type === 'DELETED' ? object.metadata.namespace : undefined
    if (home !== undefined) later(() => emptyNamespace(world, home))
  })
  return () => {
    stop()
    for (const handle of pending) clearImmediate(handle)
  }
}

function serveCustomKind({ store, registry, now }: World, { type, object }: StoreEvent): void {
  const { group, names } = object['spec']
  const kind = { group, kind: names.kind }
  if (type === 'DELETED') {
    for (const each of store.list(kind)) store.remove(kind, each.metadata.namespace, each.metadata.name)
    registry.replace(group, names.kind, [])
    return
  }
  registry.replace(group, names.kind, customTypes(object))
  if (object['status']?.conditions?.length) return
  for (const isEstablished of [false, true]) {
    store.status(kindOf(object), undefined, object.metadata.name, statusOf(object, now(), isEstablished), 'kube-apiserver')
  }
}

/** Background deletion: whatever has no owner left goes. */
function collectGarbage({ store, now }: World, uid: string): void {
  const all = store.all()
  const alive = new Set(all.map((object) => object.metadata.uid))
  for (const object of all) {
    const owners = object.metadata.ownerReferences ?? []
    if (owners.some((owner) => owner.uid === uid) && !owners.some((owner) => alive.has(owner.uid))) terminate({ store, now }, object, false)
  }
}

/** What is made for an owner that has gone meanwhile goes after it. */
function collectOrphan({ store, registry, now }: World, { metadata }: KubernetesObject): void {
  const object = store.all().find(({ metadata: { uid } }) => uid === metadata.uid)
  // Of a kind that isn't served nobody can say that it has gone: the collector tries again later.
  const isServed = ({ apiVersion, kind }: { apiVersion: string; kind: string }) =>
    registry.types().some((type) => type.kind === kind && type.group === (apiVersion.includes('/') ? apiVersion.split('/')[0] : ''))
  if (metadata.ownerReferences?.some((owner) => !isServed(owner))) return
  const alive = new Set(store.all().map(({ metadata: { uid } }) => uid))
  if (object && !object.metadata.ownerReferences?.some(({ uid }) => alive.has(uid))) terminate({ store, now }, object, false)
}

/** A namespace that is being deleted takes its content with it, and goes when that is gone. */
function emptyNamespace({ store, now }: World, name: string): void {
  const home = store.get(namespaceKind, undefined, name)
  if (!home?.metadata.deletionTimestamp) return
  const inside = (object: KubernetesObject) => object.metadata.namespace === name
  for (const object of store.all().filter(inside)) terminate({ store, now }, object, false)
  if (!store.all().some(inside)) store.remove(namespaceKind, undefined, name)
}

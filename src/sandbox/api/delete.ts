import { isDeepStrictEqual } from 'node:util'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { Context, ResourceRequest } from './context.ts'
import { conflict, forbidden, type StatusBody, success } from './errors.ts'
import { isObject } from './json.ts'
import { atVersion, getObject, listObjects, type ObjectList } from './read.ts'
import { timestamp } from './store.ts'

interface DeleteOptions {
  preconditions?: { uid?: string; resourceVersion?: string }
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  dryRun?: string[]
}

/** Kinds of which DELETE answers the object instead of a Status. */
const answersObject = ['Namespace', 'Pod', 'Service', 'ServiceAccount', 'ResourceQuota', 'CustomResourceDefinition']

const immortal = ['default', 'kube-system', 'kube-public']

/** DELETE. Throws 403 for the namespaces that every cluster needs, 404, 409 if a precondition doesn't hold. */
export function deleteObject(context: Context, request: ResourceRequest): StatusBody | KubernetesObject {
  const { type, name, query } = request
  if (type.kind === 'Namespace' && immortal.includes(name)) throw forbidden(type, name, 'this namespace may not be deleted')
  const live = getObject(context, request)
  const options: DeleteOptions = isObject(request.body) ? (request.body as DeleteOptions) : {}
  checkPreconditions(request, live, options)
  const policy = options.propagationPolicy ?? query.get('propagationPolicy')
  const dryRun = (options.dryRun ?? query.getAll('dryRun')).includes('All')
  const left = dryRun ? undefined : terminate(context, live, policy === 'Orphan')
  if (left) return atVersion(left, type)
  return answersObject.includes(type.kind) ? live : success(type, name, live.metadata.uid ?? '')
}

/** DELETE of all that a selector finds; the answer is the list of what was there. */
export function deleteCollection(context: Context, request: ResourceRequest): ObjectList {
  const found = listObjects(context, request)
  for (const object of found.items) terminate(context, { ...atVersion(object, request.type), kind: request.type.kind }, false)
  return found
}

function checkPreconditions({ type, name }: ResourceRequest, live: KubernetesObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {}
  if (uid !== undefined && uid !== live.metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${live.metadata.uid}). The object might have been deleted and then recreated`
    throw conflict({ group: type.group, plural: type.kind }, name, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${live.metadata.resourceVersion}). The object might have been modified`
    throw conflict({ group: type.group, plural: type.kind }, name, why)
  }
}

/** Takes an object away, or marks it where a finalizer holds it; gives what is left of it. */
export function terminate(
  { store, now }: Pick<Context, 'store' | 'now'>,
  live: KubernetesObject,
  orphan: boolean,
): KubernetesObject | undefined {
  const kind = { group: live.apiVersion.includes('/') ? (live.apiVersion.split('/')[0] ?? '') : '', kind: live.kind }
  const { namespace, name } = live.metadata
  if (orphan) orphanDependents({ store }, live.metadata.uid)
  if (!live.metadata.finalizers?.length && !live['spec']?.finalizers?.length) {
    store.remove(kind, namespace, name)
    return undefined
  }
  if (live.metadata.deletionTimestamp) return live
  const next = structuredClone(live)
  next.metadata.deletionTimestamp = timestamp(now())
  if (kind.kind === 'Namespace') next['status'] = { ...next['status'], phase: 'Terminating' }
  return store.commit(next)
}

function orphanDependents({ store }: Pick<Context, 'store'>, uid: string | undefined): void {
  for (const object of store.all()) {
    const kept = object.metadata.ownerReferences?.filter((owner) => owner.uid !== uid)
    if (!kept || isDeepStrictEqual(kept, object.metadata.ownerReferences)) continue
    const { ownerReferences: _, ...metadata } = object.metadata
    store.commit({ ...object, metadata: kept.length > 0 ? { ...metadata, ownerReferences: kept } : metadata })
  }
}

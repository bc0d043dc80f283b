import { randomBytes } from 'node:crypto'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { authorise } from './access.ts'
import { admit, checkIdentity, checkPlace, parseObject, refuseUndeclared } from './admission.ts'
import type { Context, ResourceRequest } from './context.ts'
import { alreadyExists, badRequest, conflict, failure, invalid, modified, notFound } from './errors.ts'
import type { Json } from './json.ts'
import { begin } from './kinds.ts'
import { applyConfiguration, trackUpdate, type Writer } from './ownership.ts'
import { jsonPatch, mergePatch, strategicPatch } from './patch.ts'
import { atVersion } from './read.ts'
import { groupVersion } from './resources.ts'
import { timestamp } from './store.ts'

export interface Written {
  code: 200 | 201
  object: KubernetesObject
}

/** POST. Throws 400, 404 (namespace), 409 AlreadyExists, 422. */
export function createObject(context: Context, request: ResourceRequest): Written {
  const object = parseObject(request)
  const generateName = (object.metadata as { generateName?: string }).generateName
  if (!object.metadata.name && generateName) object.metadata.name = generateName + randomBytes(3).toString('hex').slice(0, 5)
  if (!object.metadata.name) {
    const message = 'Required value: name or generateName is required'
    throw invalid(request.type, '', [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }])
  }
  if (object.metadata.resourceVersion) throw failure(500, '', 'resourceVersion should not be set on objects to be created', {})
  checkPlace(context, request, object)
  return { code: 201, object: save(context, request, undefined, object) }
}

/** PUT. Throws 404, 409 Conflict, 422. */
export function updateObject(context: Context, request: ResourceRequest): Written {
  const live = current(context, request)
  if (!live) throw notFound(request.type, request.name)
  const next = parseObject(request)
  const conditional = request.type.custom || ['Lease', 'CustomResourceDefinition'].includes(request.type.kind)
  if (conditional && !next.metadata.resourceVersion) {
    const message = 'Invalid value: 0: must be specified for an update'
    const { group, plural } = request.type
    const cause = { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }
    throw invalid({ group, kind: plural }, request.name, [cause])
  }
  return { code: 200, object: save(context, request, live, next) }
}

const customPatchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']

/** PATCH of all four kinds. Throws 404 (but for apply, which creates), 409, 415, 422. */
export function patchObject(context: Context, request: ResourceRequest): Written {
  const { type, name, contentType, body } = request
  const live = current(context, request)
  if (contentType === 'application/apply-patch+yaml') return applyObject(context, request, live)
  if (!live) throw notFound(type, name)
  const target = live as unknown as Json
  if (contentType === 'application/json-patch+json') return patched(jsonPatch(target, body))
  if (contentType === 'application/merge-patch+json') return patched(mergePatch(target, body ?? {}))
  if (contentType === 'application/strategic-merge-patch+json' && !type.custom)
    return patched(strategicPatch(target, body ?? {}, type.schema))
  if (!type.custom) throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
  const message = `the body of the request was in an unknown format - accepted media types include: ${customPatchTypes.join(', ')}`
  throw failure(415, 'UnsupportedMediaType', message)

  function patched(next: Json): Written {
    const object = parseObject({ ...request, body: next })
    return { code: 200, object: save(context, request, live, object) }
  }
}

function applyObject(context: Context, request: ResourceRequest, live: KubernetesObject | undefined): Written {
  const { type, query, user } = request
  if (!query.get('fieldManager')) {
    const message = 'Required value: is required for apply patch'
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [{ reason: 'FieldValueRequired', message, field: 'fieldManager' }])
  }
  const config = parseObject(request)
  if (config.metadata.managedFields) throw badRequest('metadata.managedFields must be nil')
  refuseUndeclared(request, config)
  checkIdentity(request, live, config)
  if (!live) {
    if (request.subresource || config.metadata.resourceVersion) throw missing()
    authorise(user, { ...attributes(request), verb: 'create' })
    checkPlace(context, request, config)
  }
  const force = query.get('force') === 'true'
  const merged = applyConfiguration(live, config, type.schema, writer(context, request), { force, ignored: resetFields(request) })
  return { code: live ? 200 : 201, object: save(context, request, live, merged, merged.metadata.managedFields) }

  function missing(): Error {
    if (request.subresource) return notFound(type, request.name)
    return conflict(type, request.name, modified)
  }
}

function attributes({ type, namespace, name }: ResourceRequest) {
  return { group: type.group, resource: type.plural, name, ...(namespace !== undefined && { namespace }) }
}

function current({ store }: Context, { type, namespace, name }: ResourceRequest): KubernetesObject | undefined {
  const live = store.get(type, type.namespaced ? namespace : undefined, name)
  return live && atVersion(live, type)
}

function writer({ now }: Context, { type, manager, subresource }: ResourceRequest): Writer {
  return { manager, apiVersion: groupVersion(type), time: timestamp(now()), ...(subresource && { subresource }) }
}

/** Fields that can't be written through this door: the status on the object itself, all else on its status. */
function resetFields({ type, subresource }: ResourceRequest): (path: string) => boolean {
  const isStatus = (path: string) => path === 'f:status' || path.startsWith('f:status\u001f')
  if (subresource) return (path) => !isStatus(path)
  return (path) => type.subresources.includes('status') && isStatus(path)
}

/** The last steps of every write: identity, admission, ownership, and the store (unless it is a dry run). */
function save(
  context: Context,
  request: ResourceRequest,
  live: KubernetesObject | undefined,
  wanted: KubernetesObject,
  managedFields?: KubernetesObject['metadata']['managedFields'],
): KubernetesObject {
  const { type, subresource, query } = request
  if (live) checkIdentity(request, live, wanted)
  const next = behindItsDoor(request, live, wanted)
  admit(request, next, live)
  if (!live && context.store.get(type, next.metadata.namespace, next.metadata.name)) throw alreadyExists(type, next.metadata.name)
  for (const key of ['uid', 'creationTimestamp', 'generation', 'deletionTimestamp', 'selfLink', 'resourceVersion'] as const) {
    const value = live?.metadata[key as 'uid']
    if (value === undefined) delete next.metadata[key as 'uid']
    else next.metadata[key as 'uid'] = value
  }
  const reset = resetFields(request)
  next.metadata.managedFields =
    managedFields ?? trackUpdate(live, next, type.schema, writer(context, request), reset, wanted.metadata.managedFields)
  if (next.metadata.managedFields.length === 0) delete next.metadata.managedFields
  if (!live && !subresource) begin(next)
  return atVersion(context.store.commit(next, query.getAll('dryRun').includes('All')), type)
}

/** The status subresource changes only the status; the object itself anything but. */
function behindItsDoor(
  { type, subresource }: ResourceRequest,
  live: KubernetesObject | undefined,
  wanted: KubernetesObject,
): KubernetesObject {
  const next = structuredClone(wanted)
  if (subresource === 'status' && live) return { ...structuredClone(live), ...('status' in next && { status: next['status'] }) }
  if (!type.subresources.includes('status')) return next
  if (live?.['status'] === undefined) delete next['status']
  else next['status'] = structuredClone(live['status'])
  return next
}

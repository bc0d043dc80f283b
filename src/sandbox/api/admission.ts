import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { Context, ResourceRequest } from './context.ts'
import { badRequest, conflict, failure, forbidden, invalid, modified, notFound } from './errors.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { checkKind, complete } from './kinds.ts'
import { groupVersion, type ResourceType, splitVersion } from './resources.ts'
import { fillDefaults, prune, validate } from './schema.ts'

/** The body as an object of the kind that the URL names. Throws 400 if it is something else. */
export function parseObject({ type, namespace, name, body }: ResourceRequest): KubernetesObject {
  if (!isObject(body)) throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): couldn't get version/kind`)
  const { apiVersion = groupVersion(type), kind = type.kind } = body
  if (apiVersion !== groupVersion(type) || kind !== type.kind) throw otherKind(type, String(apiVersion), String(kind), nameIn(body))
  const object = structuredClone({ ...body, apiVersion, kind }) as unknown as KubernetesObject
  object.metadata = { ...(object.metadata ?? {}) }
  if (name && !object.metadata.name) object.metadata.name = name
  if (name && object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`)
  }
  if (!type.namespaced) delete object.metadata.namespace
  else if (namespace !== undefined) {
    if ((object.metadata.namespace ?? namespace) !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
    }
    object.metadata.namespace = namespace
  }
  return object
}

function nameIn(body: JsonObject): string {
  return isObject(body['metadata']) ? String(body['metadata']['name'] ?? '') : ''
}

function otherKind(type: ResourceType, apiVersion: string, kind: string, name: string): Error {
  const expected = groupVersion(type)
  if (type.custom && apiVersion !== expected) {
    return badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`)
  }
  if (type.custom) {
    const message = `Invalid value: ${JSON.stringify(kind)}: must be ${type.kind}`
    return invalid({ group: type.group, kind }, name, [{ reason: 'FieldValueInvalid', message, field: 'kind' }])
  }
  const { version } = splitVersion(apiVersion)
  const why =
    apiVersion === expected
      ? `converting (${version}.${kind}) to (${type.group.split('.')[0] || 'core'}.${type.kind}): unknown conversion`
      : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${type.kind}: ${why}`)
}

/** The namespace has to be there, and to stay. Throws 404 or 403. */
export function checkPlace({ store }: Context, { type }: ResourceRequest, object: KubernetesObject): void {
  const namespace = object.metadata.namespace
  if (!type.namespaced || namespace === undefined) return
  const home = store.get({ group: '', kind: 'Namespace' }, undefined, namespace)
  if (!home) throw notFound({ group: '', plural: 'namespaces' }, namespace)
  if (!home.metadata.deletionTimestamp) return
  const refused = forbidden(
    type,
    object.metadata.name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  )
  const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }
  refused.body.details = { ...refused.body.details, causes: [cause] }
  throw refused
}

/** resourceVersion and uid in a body are preconditions. Throws 409. */
export function checkIdentity({ type, name }: ResourceRequest, live: KubernetesObject | undefined, wanted: KubernetesObject): void {
  const { uid, resourceVersion } = wanted.metadata
  if (uid && uid !== live?.metadata.uid) {
    throw conflict(type, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live?.metadata.uid ?? ''}`)
  }
  if (live && resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw conflict(type, name, modified)
}

/** Server-side apply refuses fields that the schema doesn't have, whatever fieldValidation says. */
export function refuseUndeclared({ type, body }: ResourceRequest, config: KubernetesObject): void {
  const [unknown] = prune(structuredClone(config) as unknown as Json, type.schema)
  if (unknown === undefined) return
  const sent = (body as { metadata?: { namespace?: string } }).metadata
  const what = `${sent?.namespace ?? ''}/${config.metadata.name}; ${type.group}/${type.version}, Kind=${type.kind}`
  throw failure(500, '', `failed to create typed patch object (${what}): .${unknown}: field not declared in schema`, {})
}

/** Prunes, fills in defaults and validates, in place. Throws 400 or 422. */
export function admit({ type, query, warn }: ResourceRequest, next: KubernetesObject, live: KubernetesObject | undefined): void {
  const tree = next as unknown as Json
  const unknown = prune(tree, type.schema)
    .sort()
    .map((path) => `unknown field "${path}"`)
  const validation = query.get('fieldValidation') ?? 'Warn'
  if (unknown.length > 0 && validation === 'Strict') throw badRequest(strictText(type, unknown))
  if (validation === 'Warn') for (const text of unknown) warn(text)
  fillDefaults(tree, type.schema)
  complete(next)
  const causes = validate(tree, type.schema)
  const untyped = causes.find((cause) => cause.reason === 'FieldValueTypeInvalid')
  if (untyped && !type.custom) {
    const why = `json: cannot unmarshal into Go struct field ${type.kind}.${untyped.field}`
    throw badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${why}`)
  }
  if (causes.length > 0) throw invalid(type, next.metadata.name, causes)
  checkKind(next, live)
}

function strictText(type: ResourceType, unknown: string[]): string {
  return `${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: strict decoding error: ${unknown.join(', ')}`
}

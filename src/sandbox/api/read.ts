import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { Context, ResourceRequest } from './context.ts'
import { badRequest, expired, failure, notFound } from './errors.ts'
import { groupVersion, type ResourceType } from './resources.ts'
import { selection } from './selectors.ts'

export interface ObjectList {
  kind: string
  apiVersion: string
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
  items: KubernetesObject[]
}

/** The object at the version asked for: stored objects are converted as the strategy None does, by their apiVersion alone. */
export function atVersion(object: KubernetesObject, type: ResourceType): KubernetesObject {
  return { ...object, apiVersion: groupVersion(type) }
}

/** GET of one object. Throws 404. */
export function getObject({ store }: Context, { type, namespace, name }: ResourceRequest): KubernetesObject {
  const found = store.get(type, type.namespaced ? namespace : undefined, name)
  if (!found) throw notFound(type, name)
  return atVersion(found, type)
}

/** The past of lists that are being read page by page. A real server reads it from etcd; this one keeps it for the last few. */
export interface Pages {
  keep(id: string, items: KubernetesObject[]): void
  take(id: string): KubernetesObject[] | undefined
  forget(): void
}

const listsKept = 50

export function createPages(): Pages {
  const lists = new Map<string, KubernetesObject[]>()
  return {
    keep(id, items) {
      lists.set(id, items)
      const oldest = lists.keys().next().value
      if (lists.size > listsKept && oldest !== undefined) lists.delete(oldest)
    },
    take: (id) => lists.get(id),
    forget: () => lists.clear(),
  }
}

/** LIST, whole or in pages of `limit`. Throws 410 for a `continue` that is too old, 400 for one or a selector that can't be read. */
export function listObjects(context: Context, request: ResourceRequest): ObjectList {
  const { store, pages } = context
  const { type, query } = request
  const unread = notANumber(query.get('resourceVersion') ?? '')
  if (unread) throw badRequest(`invalid resource version: ${unread}`)
  refuseFuture(Number(query.get('resourceVersion') ?? 0), store.resourceVersion())
  const namespace = type.namespaced ? request.namespace : undefined
  const token = decodeToken(query.get('continue') ?? '')
  const resourceVersion = token && token.rv >= 0 ? token.rv : store.resourceVersion()
  const id = [type.group, type.kind, namespace ?? '', resourceVersion].join('/')
  const all = token && token.rv >= 0 ? pages.take(id) : store.list(type, namespace)
  if (!all) throw tooOld(token?.start ?? '')

  const test = selection(query, type)
  const items = all.filter((object) => placeOf(object) >= (token?.start ?? '') && test(object))
  const limit = Number(query.get('limit') ?? 0) || items.length
  const next = items[limit]
  if (next) pages.keep(id, all)
  const counted = !query.get('labelSelector') && !query.get('fieldSelector')
  return {
    kind: `${type.kind}List`,
    apiVersion: groupVersion(type),
    metadata: {
      resourceVersion: String(resourceVersion),
      ...(next && { continue: encodeToken({ rv: resourceVersion, start: placeOf(next) }) }),
      ...(next && counted && { remainingItemCount: items.length - limit }),
    },
    items: items.slice(0, limit).map((object) => (type.custom ? atVersion(object, type) : untyped(object))),
  }
}

/** Items of a list are typed by the list, but for those of custom kinds. */
function untyped({ apiVersion: _, kind: __, ...object }: KubernetesObject): KubernetesObject {
  return object as KubernetesObject
}

/** What is wrong with a resourceVersion that can't be read. */
export function notANumber(resourceVersion: string): string | undefined {
  if (/^\d*$/.test(resourceVersion)) return undefined
  const shown = JSON.stringify(resourceVersion)
  return `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`
}

/** Where a page begins, and in which past; -1 is the present. */
interface Token {
  rv: number
  start: string
}

const tokenVersion = 'meta.k8s.io/v1'

function encodeToken(token: Token): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, ...token })).toString('base64url')
}

function decodeToken(text: string): Token | undefined {
  if (text === '') return undefined
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (v === tokenVersion && typeof rv === 'number' && typeof start === 'string') return { rv, start }
  } catch {
    // Not our JSON: refused below, like any token that isn't ours.
  }
  throw badRequest('invalid continue token: continue key is not valid')
}

/** The order of lists: as the keys in etcd. */
function placeOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/** The answer holds a token to go on with in the present: https://github.com/kubernetes/apiserver/blob/v0.34.1/pkg/storage/etcd3/errors.go */
function tooOld(start: string): Error {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  )
  error.body.metadata = { continue: encodeToken({ rv: -1, start }) }
  return error
}

function refuseFuture(wanted: number, current: number): void {
  if (wanted <= current) return
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`
  throw failure(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

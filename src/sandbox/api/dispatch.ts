import type { Context, ResourceRequest } from './context.ts'
import { deleteCollection, deleteObject } from './delete.ts'
import { failure, methodNotAllowed, missingResource } from './errors.ts'
import { getObject, listObjects } from './read.ts'
import { review } from './reviews.ts'
import { createObject, patchObject, updateObject } from './write.ts'

/** An answer: a JSON body, or text (a pod's log). */
export interface Answer {
  code: number
  body: object | string
  /** `application/json`, unless it says more. */
  mediaType?: string
}

/** Carries out one request about a resource. Throws a StatusError for all that goes wrong. */
export function dispatch(context: Context, request: ResourceRequest): Answer {
  const { type, verb, subresource } = request
  if (subresource === 'log' && type.kind === 'Pod' && verb === 'get') return { code: 200, body: podLog(context, request) }
  if (subresource !== undefined && !type.subresources.includes(subresource)) throw missingResource()
  const withStatus = ['get', 'update', 'patch'].includes(verb)
  if (subresource !== undefined && !withStatus) throw methodNotAllowed()
  if (!type.verbs.includes(verb)) throw methodNotAllowed()
  const acrossNamespaces = type.namespaced && request.namespace === undefined
  if (acrossNamespaces && verb !== 'list') throw methodNotAllowed()
  switch (verb) {
    case 'get':
      return { code: 200, body: getObject(context, request) }
    case 'list':
      return { code: 200, body: listObjects(context, request) }
    case 'create': {
      const reviewed = review(request)
      if (reviewed) return { code: 201, body: reviewed }
      const made = createObject(context, request)
      return { code: made.code, body: made.object }
    }
    case 'update': {
      const made = updateObject(context, request)
      return { code: made.code, body: made.object }
    }
    case 'patch': {
      const made = patchObject(context, request)
      return { code: made.code, body: made.object }
    }
    case 'delete':
      return { code: 200, body: deleteObject(context, request) }
    case 'deletecollection':
      return { code: 200, body: deleteCollection(context, request) }
    default:
      throw methodNotAllowed()
  }
}

function podLog(context: Context, request: ResourceRequest): string {
  const pod = getObject(context, request)
  const containers: { name: string }[] = pod['spec']?.containers ?? []
  const names = containers.map((container) => container.name)
  const wanted = request.query.get('container') ?? (names.length === 1 ? names[0] : undefined)
  if (wanted === undefined) {
    const message = `a container name must be specified for pod ${request.name}, choose one of: [${names.join(' ')}]`
    throw failure(400, 'BadRequest', message)
  }
  if (!names.includes(wanted)) throw failure(400, 'BadRequest', `container ${wanted} is not valid for pod ${request.name}`)
  const text = context.logs.get(`${request.namespace}/${request.name}/${wanted}`) ?? ''
  const lines = text.split('\n').filter(Boolean)
  const tail = request.query.get('tailLines')
  const kept = tail === null ? lines : lines.slice(Math.max(0, lines.length - Number(tail)))
  return kept.map((line) => `${line}\n`).join('')
}

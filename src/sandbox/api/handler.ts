import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Upgrade } from '../workloads/streaming.ts'
import { authorise, type User } from './access.ts'
import { mediaTypeOf, readBody } from './body.ts'
import type { Context, ResourceRequest } from './context.ts'
import { type Answer, dispatch } from './dispatch.ts'
import { failure, missingResource, StatusError } from './errors.ts'
import type { Fault, Faults } from './faults.ts'
import { isObject } from './json.ts'
import { pathAnswer } from './paths.ts'
import { forwardPort } from './port-forward.ts'
import type { ObjectList } from './read.ts'
import { readTarget, type Target } from './request.ts'
import type { RequestRecord } from './requests.ts'
import type { ResourceType } from './resources.ts'
import { asMetadata, asTable } from './table.ts'
import { authenticate } from './users.ts'
import { watchObjects } from './watch.ts'

interface Serving {
  context: Context
  users: Map<string, User>
  faults: Faults
  log: RequestRecord[]
  onAnswer(record: RequestRecord): void
  bookmarkEvery: number
}

/** The server's request listener: who, what, may they, do it. */
export function handler(serving: Serving): (request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade) => void {
  return (request, response, upgrade) => {
    serve(serving, request, response, upgrade).catch((error) => {
      const status = error instanceof StatusError ? error : failure(500, 'InternalError', `Internal error occurred: ${error}`)
      send(response, { code: status.code, body: status.body }, [])
    })
  }
}

async function serve(serving: Serving, request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade): Promise<void> {
  const { context, users, faults, log } = serving
  const url = new URL(request.url ?? '/', `https://${request.headers.host ?? 'localhost'}`)
  const target = readTarget(request.method ?? 'GET', url, context.registry)
  const record = remember(log, request, url, target)
  const answered = (status: number) => {
    if (record.status !== 0) return
    record.status = status
    serving.onAnswer(record)
  }
  response.once('finish', () => answered(response.statusCode))
  const user = authenticate(users, request)
  record.user = user.name
  const body = await readBody(request)
  if (await goWrong(faults.meet(target), response)) return
  authorise(user, target)

  const { type, resource } = target
  if (resource !== undefined && !type && isBuiltIn(target, context)) throw missingResource()
  if (resource === undefined || !type) {
    const { accept = '', host = '' } = request.headers
    return send(response, pathAnswer(context, url.pathname, { accept, host }), [])
  }
  const warnings: string[] = type.deprecated ? [type.deprecated] : []
  const wanted: ResourceRequest = {
    type,
    verb: target.verb,
    namespace: target.namespace,
    name: target.verb === 'list' || target.verb === 'watch' ? '' : (target.name ?? ''),
    subresource: target.subresource,
    query: url.searchParams,
    user,
    manager: url.searchParams.get('fieldManager') || (request.headers['user-agent'] ?? 'unknown').split('/')[0] || 'unknown',
    contentType: mediaTypeOf(request),
    body,
    warn: (text) => warnings.push(text),
  }
  if (target.subresource === 'portforward' && type.kind === 'Pod' && target.verb === 'get') {
    const answer = forwardPort(context, wanted, upgrade, () => {
      response.detachSocket(request.socket)
      answered(101)
    })
    return answer && send(response, answer, warnings)
  }
  const { accept = '' } = request.headers
  const table = accept.includes('as=Table')
  if (target.verb === 'watch') {
    for (const text of warnings) response.appendHeader('warning', warningText(text))
    answered(200)
    return watchObjects(context, wanted, response, { bookmarkEvery: serving.bookmarkEvery, table })
  }
  const answer = dispatch(context, wanted)
  if (table) send(response, { ...answer, body: tabulated(answer.body, type, context, url) }, warnings)
  else send(response, accept.includes('as=PartialObjectMetadataList') ? { ...answer, body: onlyMetadata(answer.body) } : answer, warnings)
}

/** Groups of custom kinds are served by their kinds; where one of those is missing, the path is nothing. */
function isBuiltIn({ group, version }: Target, { registry }: Context): boolean {
  return group === '' || registry.types().some((each) => each.group === group && each.version === version && !each.custom)
}

function remember(log: RequestRecord[], request: IncomingMessage, url: URL, target: Target): RequestRecord {
  const resource = target.subresource ? `${target.resource}/${target.subresource}` : (target.resource ?? '')
  const record: RequestRecord = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.search.slice(1),
    user: '',
    verb: target.verb,
    resource,
    status: 0,
  }
  log.push(record)
  return record
}

/** True if the fault has taken the request's answer on itself. */
async function goWrong(fault: Fault | undefined, response: ServerResponse): Promise<boolean> {
  if (!fault) return false
  if (fault.delay) await wait(fault.delay, undefined, { ref: false })
  if (fault.answer === undefined) return false
  if (fault.answer === 'hang') return true
  if (fault.answer === 'drop') {
    response.destroy()
    return true
  }
  if (fault.answer === 'overload') {
    response.setHeader('retry-after', '1')
    send(response, { code: 429, body: 'Too many requests, please try again later.\n' }, [])
    return true
  }
  const { status, reason, message, retryAfterSeconds } = fault.answer
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds))
  throw failure(status, reason, message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds })
}

function onlyMetadata(body: object | string): object | string {
  return typeof body === 'object' && 'items' in body ? asMetadata(body as ObjectList) : body
}

function tabulated(body: object | string, type: ResourceType, context: Context, url: URL): object | string {
  if (typeof body === 'string' || (body as { kind?: string }).kind === 'Status') return body
  const options = { include: url.searchParams.get('includeObject'), now: context.now() }
  if ('items' in body) {
    const list = body as ObjectList
    return asTable(type, list.items, list.metadata, options)
  }
  const object = body as Parameters<typeof asTable>[1][number]
  const metadata = isObject(object.metadata) ? { resourceVersion: object.metadata.resourceVersion } : {}
  return asTable(type, [object], metadata, options)
}

function send(response: ServerResponse, { code, body, mediaType = 'application/json' }: Answer, warnings: string[]): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  for (const text of warnings) response.appendHeader('warning', warningText(text))
  const isText = typeof body === 'string'
  response.writeHead(code, { 'content-type': isText ? 'text/plain; charset=utf-8' : mediaType, 'cache-control': 'no-cache, private' })
  response.end(isText ? body : `${JSON.stringify(body)}\n`)
}

/** Source: https://kubernetes.io/blog/2020/09/03/warnings/ */
function warningText(text: string): string {
  return `299 - ${JSON.stringify(text)}`
}

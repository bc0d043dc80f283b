import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isPortForward, servePortForward, type Upgrade } from '../workloads/streaming.ts'
import { allowed } from './access.ts'
import type { Context, ResourceRequest } from './context.ts'
import type { Answer } from './dispatch.ts'
import { badRequest, forbidden } from './errors.ts'
import { getObject } from './read.ts'

/** What an upgrade is answered with that isn't taken: Node makes no response for a request that asks for one. */
export function responseTo(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket as Socket)
  response.once('finish', () => socket.end())
  return response
}

/**
 * GET pods/portforward: passes the connection on to the node, once who asks may also `create` it, which the real server wants
 * since 1.35 (https://github.com/kubernetes/kubernetes/pull/134577). Gives the answer if that is not what comes of it;
 * throws a StatusError for what the API server itself refuses.
 */
export function forwardPort(
  context: Context,
  request: ResourceRequest,
  upgrade: Upgrade | undefined,
  taken: () => void,
): Answer | undefined {
  const { type, namespace, name, user, query } = request
  const [port] = query.getAll('ports')
  if (port !== undefined && !/^\d+$/.test(port)) {
    throw badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`)
  }
  const wanted = { group: '', resource: 'pods', subresource: 'portforward', name, ...(namespace !== undefined && { namespace }) }
  if (!allowed(user, { ...wanted, verb: 'create' })) throw forbidden({ group: '', plural: type.plural }, name, '')
  const pod = getObject(context, request)
  if (upgrade === undefined) throw badRequest('Upgrade request required')
  // The kubelet's own words, which the API server hands on as they are.
  if (port === undefined) return { code: 400, body: 'query parameter "port" is required' }
  if (!isPortForward(upgrade.request)) return { code: 403, body: '' }
  taken()
  servePortForward(upgrade, Number(port), context.listening(pod, Number(port)))
  return undefined
}

import type { IncomingMessage } from 'node:http'
import { badRequest, failure } from './errors.ts'
import type { Json } from './json.ts'
import { decodeProtobuf } from './protobuf.ts'

/** As the real server: https://github.com/kubernetes/apiserver/blob/v0.34.1/pkg/server/config.go (MaxRequestBodyBytes) */
const limit = 3 * 1024 * 1024

/** The request's body as JSON; YAML where the client may send it. Undefined if there is none. Throws 400, 413 or 415. */
export async function readBody(request: IncomingMessage): Promise<Json | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= limit) chunks.push(chunk)
  }
  if (size > limit) throw failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`, {})
  if (size === 0) return undefined
  const type = mediaTypeOf(request)
  if (type === 'application/vnd.kubernetes.protobuf') return decodeProtobuf(Buffer.concat(chunks))
  if (type.includes('cbor')) throw unsupported(type)
  const text = Buffer.concat(chunks).toString()
  try {
    return JSON.parse(text)
  } catch {
    if (!type.includes('yaml')) throw badRequest("couldn't get version/kind; json parse error: invalid character in the body")
  }
  const { parse } = await import('yaml')
  try {
    return parse(text, { logLevel: 'silent' })
  } catch {
    throw badRequest('error decoding YAML: the body is not YAML')
  }
}

export function mediaTypeOf(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? ''
}

function unsupported(type: string): Error {
  const message = `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml (got ${type})`
  return failure(415, 'UnsupportedMediaType', message, {})
}

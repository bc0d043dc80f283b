import { failureOfAnswer } from '../upstream/api.ts'
import type { Request, Transport } from './transport.ts'

/** Sends a request and parses the answer; a web page with status 200 is a Failure like any other wrong answer. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of whatever was asked for; each caller knows its shape
export async function sendJson(transport: Transport, request: Request): Promise<any> {
  const body = await transport.send(request)
  try {
    return JSON.parse(body)
  } catch {
    throw failureOfAnswer(request, transport, { status: 200, contentType: body.trimStart().startsWith('<') ? 'text/html' : '', body })
  }
}

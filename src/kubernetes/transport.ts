import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { type ApiCall, failureOfAnswer, type Server } from '../upstream/api.ts'
import { failureOfNetwork, failureOfTimeout } from '../upstream/network.ts'
import { version } from '../version.ts'
import type { Credentials } from './credentials.ts'

export interface Request extends ApiCall {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  body?: string
  contentType?: string
  signal?: AbortSignal | undefined
  /** Reading only: may be sent again after a failure that leaves open whether it arrived. */
  reads?: boolean
}

export interface Transport extends Server {
  /** The body of a 2xx answer; anything else is thrown as a Failure. */
  send(request: Request): Promise<string>
  /** A 2xx answer whose body comes bit by bit; the deadline covers the wait for its head only. */
  open(request: Request): Promise<IncomingMessage>
  close(): void
}

/** After which a call that reads is sent again, and what makes sense to wait before that. */
const again = new Set([429, 500, 502, 503, 504])
const attempts = 4

/**
 * HTTPS to one API server: kept-alive connections, one deadline for a call with all its retries, an abort at any time.
 * Writes are repeated only where the server says that it did not take them (429 and 503 with Retry-After).
 */
export function openTransport(at: Server, credentials: Credentials, timeout: number): Transport {
  const base = new URL(at.server)

  async function attempt(request: Request, signal: AbortSignal): Promise<IncomingMessage> {
    const options = await race(credentials.options(), request.signal)
    return new Promise((resolve, reject) => {
      const outgoing = https.request(
        {
          ...options,
          method: request.method,
          host: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port || 443,
          path: base.pathname.replace(/\/$/, '') + request.path,
          headers: {
            ...options.headers,
            'User-Agent': `eso-bootstrap/${version()}`,
            Accept: 'application/json',
            ...(request.body === undefined
              ? {}
              : { 'Content-Type': request.contentType, 'Content-Length': Buffer.byteLength(request.body) }),
          },
          signal,
        },
        resolve,
      )
      outgoing.on('error', reject)
      outgoing.end(request.body)
    })
  }

  /** One attempt after the other until there is a 2xx answer. */
  async function answer<T>(
    request: Request,
    deadline: AbortSignal,
    signal: AbortSignal,
    take: (from: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const reads = request.reads ?? request.method === 'GET'
    for (let nth = 1; ; nth++) {
      let wait: number | undefined
      let failure: Failure
      try {
        const response = await attempt(request, signal)
        const code = response.statusCode ?? 0
        if (code >= 200 && code < 300) return await take(response)
        const retryAfter = Number(response.headers['retry-after'])
        failure = failureOfAnswer(request, at, {
          status: code,
          contentType: response.headers['content-type'] ?? '',
          body: await text(response),
        })
        if (code === 401 && nth === 1 && credentials.renewable) {
          credentials.forget()
          continue
        }
        if (retryAfter >= 0 && (code === 429 || code === 503)) wait = retryAfter * 1000
        else if (reads && again.has(code)) wait = pause(nth)
      } catch (error) {
        request.signal?.throwIfAborted()
        if (deadline.aborted) throw failureOfTimeout(at, timeout)
        if (error instanceof Failure) throw error
        failure = failureOfNetwork(at, error)
        const code = (error as NodeJS.ErrnoException).code
        if (reads && (code === 'ECONNRESET' || code === 'EPIPE')) wait = pause(nth)
      }
      if (wait === undefined || nth >= attempts) throw failure
      await sleep(wait, undefined, { signal }).catch(() => {
        request.signal?.throwIfAborted()
        throw failure
      })
    }
  }

  return {
    ...at,
    async send(request) {
      await race(credentials.options(), request.signal)
      const deadline = AbortSignal.timeout(timeout)
      return answer(request, deadline, either(request.signal, deadline), text)
    },
    async open(request) {
      await race(credentials.options(), request.signal)
      const head = new AbortController()
      const timer = setTimeout(() => head.abort(), timeout)
      return answer(request, head.signal, either(request.signal, head.signal), async (response) => response).finally(() =>
        clearTimeout(timer),
      )
    },
    close: () => credentials.close(),
  }
}

function pause(nth: number): number {
  return 100 * 2 ** nth
}

function either(signal: AbortSignal | undefined, deadline: AbortSignal): AbortSignal {
  return signal === undefined ? deadline : AbortSignal.any([signal, deadline])
}

/** Signing in is shared by all calls and has its own deadline; a call's signal only ends the wait for it. */
function race<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

import type { IncomingMessage } from 'node:http'
import https, { type RequestOptions } from 'node:https'
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
  /** What is wanted, where it isn't the whole object as JSON. */
  accept?: string
  signal?: AbortSignal | undefined
  /** Reading only: may be sent again after a failure that leaves open whether it arrived. */
  reads?: boolean
}

export interface Transport extends Server {
  /** The body of a 2xx answer; anything else is thrown as a Failure. */
  send(request: Request): Promise<string>
  /** A 2xx answer whose body comes bit by bit; the deadline covers the wait for its head only. */
  open(request: Request): Promise<IncomingMessage>
  /** What `dial` makes of a connection of its own, which must be up within the deadline. */
  upgrade<T>(request: Request, dial: (to: URL, options: RequestOptions, signal: AbortSignal) => Promise<Outcome<T>>): Promise<T>
  close(): void
}

/** What was wanted, or an answer that is something else, whose body is yet to be read. */
export type Outcome<T> = { done: T } | { refused: IncomingMessage }

/** After which a call that reads is sent again, and what makes sense to wait before that. */
const again = new Set([429, 500, 502, 503, 504])
const attempts = 4

/**
 * HTTPS to one API server: kept-alive connections, one deadline for a call with all its retries, an abort at any time.
 * Writes are repeated only where the server says that it did not take them (429 and 503 with Retry-After).
 */
export function openTransport(at: Server, credentials: Credentials, timeout: number): Transport {
  const base = new URL(at.server)
  const pathOf = (request: Request) => base.pathname.replace(/\/$/, '') + request.path

  function call(request: Request, options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = https.request(
        {
          ...options,
          method: request.method,
          host: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port || 443,
          path: pathOf(request),
          headers: {
            ...options.headers,
            Accept: request.accept ?? 'application/json',
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

  /** An attempt that ends with a 2xx answer. */
  function asking<T>(request: Request, take: (from: IncomingMessage) => Promise<T>): Attempt<T> {
    return async (options, signal) => {
      const response = await call(request, options, signal)
      const code = response.statusCode ?? 0
      return code >= 200 && code < 300 ? { done: await take(response) } : { refused: response }
    }
  }

  /** One attempt after the other until there is what was wanted. */
  async function answer<T>(request: Request, deadline: AbortSignal, attempt: Attempt<T>): Promise<T> {
    const signal = either(request.signal, deadline)
    const reads = request.reads ?? request.method === 'GET'
    for (let nth = 1; ; nth++) {
      let wait: number | undefined
      let failure: Failure
      try {
        const options = await race(credentials.options(), request.signal)
        const headers = { ...options.headers, 'User-Agent': `eso-bootstrap/${version()}` }
        const outcome = await attempt({ ...options, headers }, signal)
        if ('done' in outcome) return outcome.done
        const response = outcome.refused
        const code = response.statusCode ?? 0
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

  /**
   * With a deadline for all that the attempt takes; what comes after it may take as long as it likes. The timer goes with it: the
   * signal of AbortSignal.timeout stays until its time, and thousands of calls in a minute would keep thousands.
   */
  async function timed<T>(request: Request, attempt: Attempt<T>): Promise<T> {
    await race(credentials.options(), request.signal)
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeout)
    return answer(request, late.signal, attempt).finally(() => clearTimeout(timer))
  }

  return {
    ...at,
    send: (request) => timed(request, asking(request, text)),
    open: (request) =>
      timed(
        request,
        asking(request, async (response) => response),
      ),
    upgrade: (request, dial) => timed(request, (options, signal) => dial(new URL(base.origin + pathOf(request)), options, signal)),
    close: () => credentials.close(),
  }
}

type Attempt<T> = (options: RequestOptions, signal: AbortSignal) => Promise<Outcome<T>>

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

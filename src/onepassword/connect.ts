import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { Failure } from '../failure.ts'
import type { Secret } from '../secret.ts'
import { plain } from '../text/plain.ts'
import { version } from '../version.ts'

/** What comes in the place of what was asked for. Nothing else of an answer is kept: it may repeat what it was asked. */
type Refusal = { is: 'refused'; status: number } | { is: 'failing'; status: number } | { is: 'not-connect' }

/** What a Connect server makes of a token. */
export type Answer = { is: 'accepted'; vaults: { id: string; name: string }[] } | Refusal

/** What a Connect server answers. */
export type Reply = { is: 'json'; body: unknown } | { is: 'missing'; status: number } | Refusal

export interface AskOptions {
  /** Milliseconds, for the answer. */
  deadline: number
  signal?: AbortSignal | undefined
}

/**
 * Asks Connect which vaults a token may see: the one call that proves token, credentials and their match at once
 * (https://github.com/1Password/connect/blob/main/docs/openapi/spec.yaml). Throws what `askConnect` throws.
 */
export async function listVaults(open: () => Promise<Duplex>, token: Secret, options: AskOptions): Promise<Answer> {
  const answer = await askConnect(open, token, '/v1/vaults', options)
  if (answer.is !== 'json') return answer.is === 'missing' ? { is: 'not-connect' } : answer
  const vaults = vaultsIn(answer.body)
  return vaults === undefined ? { is: 'not-connect' } : { is: 'accepted', vaults }
}

/**
 * One GET. `open` gives a connection of its own, which is gone afterwards. Throws what `open` throws, what the connection ends
 * with, the signal's reason, and a Failure when there is no whole answer.
 */
export async function askConnect(
  open: () => Promise<Duplex>,
  token: Secret,
  path: string,
  { deadline, signal }: AskOptions,
): Promise<Reply> {
  const connection = await open()
  const late = AbortSignal.timeout(deadline)
  try {
    const response = await ask(connection, token, path, signal === undefined ? late : AbortSignal.any([signal, late]))
    return await read(response)
  } catch (error) {
    signal?.throwIfAborted()
    if (late.aborted) throw failureOfTimeout(deadline)
    if (connection.errored instanceof Failure) throw connection.errored
    // What isn't HTTP: https://nodejs.org/api/errors.html#hpe_header_overflow and its like.
    if (String((error as NodeJS.ErrnoException).code).startsWith('HPE_')) return { is: 'not-connect' }
    throw failureOfEnd()
  } finally {
    connection.destroy()
  }
}

function ask(connection: Duplex, token: Secret, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = { Authorization: `Bearer ${token.reveal()}`, Accept: 'application/json', 'User-Agent': `eso-bootstrap/${version()}` }
  return new Promise((resolve, reject) => {
    const asking = request({ createConnection: () => connection, path, headers, signal }, resolve)
    asking.on('error', reject)
    asking.end()
  })
}

async function read(response: IncomingMessage): Promise<Reply> {
  const status = response.statusCode ?? 0
  if (status === 401 || status === 403) return { is: 'refused', status }
  if (status >= 500) return { is: 'failing', status }
  if (status === 404) return { is: 'missing', status }
  if (status !== 200) return { is: 'not-connect' }
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  // Whatever else listens at an address answers with 200 as well, mostly a web page: https://github.com/1Password/connect-sdk-js/issues/93
  try {
    return { is: 'json', body: JSON.parse(Buffer.concat(chunks).toString('utf8')) }
  } catch {
    return { is: 'not-connect' }
  }
}

/** What the operator says when it gets this: what is known of causes goes by its words. */
export function inWordsOfOperator(refusal: Extract<Reply, { status: number }>): string {
  if (refusal.is === 'failing') return 'status 500'
  return refusal.status === 401 ? 'status 401: Invalid bearer token' : `status ${refusal.status}: `
}

/**
 * What the operator would say where this answer is no good for a store that names these vaults, by title or id; undefined if it
 * is good, and for what isn't Connect.
 */
export function wrongWith(answer: Answer, vaults: readonly string[]): string | undefined {
  if (answer.is === 'not-connect') return undefined
  if (answer.is !== 'accepted') return inWordsOfOperator(answer)
  const count = (key: string) =>
    answer.vaults.filter(({ id, name }) => (/^[a-z0-9]{26}$/.test(key) ? id.toLowerCase() === key : name === key)).length
  const wrong = vaults.find((key) => count(key) !== 1)
  return wrong === undefined ? undefined : `Found ${count(wrong)} vaults with title "${plain(wrong)}"`
}

function vaultsIn(body: unknown): { id: string; name: string }[] | undefined {
  if (!Array.isArray(body)) return undefined
  const vaults = body.filter((each) => typeof each?.id === 'string' && typeof each.name === 'string')
  return vaults.length === body.length ? vaults.map(({ id, name }) => ({ id, name })) : undefined
}

function failureOfTimeout(milliseconds: number): Failure {
  return new Failure({
    id: 'connect-timeout',
    exit: 'blocked',
    what: `1Password Connect did not answer within ${Math.max(1, Math.round(milliseconds / 1000))} s.`,
    why: "It may still be fetching the vaults, or can't reach 1Password.",
  })
}

function failureOfEnd(): Failure {
  return new Failure({
    id: 'connect-no-answer',
    exit: 'blocked',
    what: '1Password Connect ended the connection without a whole answer.',
    why: 'It may just have been restarted.',
    fix: 'Run it again.',
  })
}

import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { Failure } from '../failure.ts'
import type { Secret } from '../secret.ts'
import { version } from '../version.ts'

/** What a Connect server makes of a token. Nothing of its answers is kept but this: they may repeat what they were asked. */
export type Answer =
  | { is: 'accepted'; vaults: { id: string; name: string }[] }
  | { is: 'refused'; status: number }
  | { is: 'failing'; status: number }
  | { is: 'not-connect' }

/**
 * Asks Connect which vaults a token may see: the one call that proves token, credentials and their match at once
 * (https://github.com/1Password/connect/blob/main/docs/openapi/spec.yaml). `open` gives a connection of its own, which is gone
 * afterwards; the deadline in milliseconds is for the answer. Throws what `open` throws, what the connection ends with, the
 * signal's reason, and a Failure when there is no whole answer.
 */
export async function listVaults(
  open: () => Promise<Duplex>,
  token: Secret,
  { deadline, signal }: { deadline: number; signal?: AbortSignal | undefined },
): Promise<Answer> {
  const connection = await open()
  const late = AbortSignal.timeout(deadline)
  try {
    const response = await ask(connection, token, signal === undefined ? late : AbortSignal.any([signal, late]))
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

function ask(connection: Duplex, token: Secret, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = { Authorization: `Bearer ${token.reveal()}`, Accept: 'application/json', 'User-Agent': `eso-bootstrap/${version()}` }
  return new Promise((resolve, reject) => {
    const asking = request({ createConnection: () => connection, path: '/v1/vaults', headers, signal }, resolve)
    asking.on('error', reject)
    asking.end()
  })
}

async function read(response: IncomingMessage): Promise<Answer> {
  const status = response.statusCode ?? 0
  if (status === 401 || status === 403) return { is: 'refused', status }
  if (status >= 500) return { is: 'failing', status }
  if (status !== 200) return { is: 'not-connect' }
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const vaults = vaultsIn(Buffer.concat(chunks).toString('utf8'))
  return vaults === undefined ? { is: 'not-connect' } : { is: 'accepted', vaults }
}

/** Whatever else listens at an address answers with 200 as well, mostly a web page: https://github.com/1Password/connect-sdk-js/issues/93 */
function vaultsIn(text: string): { id: string; name: string }[] | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
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

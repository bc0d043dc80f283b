import { isDeepStrictEqual } from 'node:util'
import { Secret } from '../secret.ts'
import { decodeBase64, parseObject, unwrapObject } from './base64.ts'
import type { Credentials } from './credentials.ts'

/**
 * How Connect gets at the credentials: `OP_SESSION` holds their base64 text (`environment`) or the path of a mounted
 * file that holds the JSON (`file`). https://developer.1password.com/docs/connect/server-configuration
 */
export type Consumer = 'environment' | 'file'

export type Encoding = 'json' | 'base64' | 'double-base64' | 'unknown'

/** What has to stand in the Kubernetes Secret, before the base64 of its own `.data`, for this consumer to read it. */
export function encodeCredentials(credentials: Credentials, consumer: Consumer): Secret {
  const text = credentials.content.reveal()
  // On one line: Connect takes no wrapped base64, https://github.com/1Password/connect/issues/62
  return new Secret(consumer === 'file' ? text : Buffer.from(text).toString('base64'))
}

/** What a live Secret holds, decoded once from `.data`. */
export function recogniseEncoding(stored: Secret): Encoding {
  const found = unwrapObject(stored.reveal())
  return found === undefined ? 'unknown' : (['json', 'base64', 'double-base64'] as const)[found.layers]
}

export interface Comparison {
  /** The same credentials, whatever their encoding. */
  same: boolean
  encoding: Encoding
  /** Who can read them as they stand: nobody, if the base64 is wrapped or doubled. */
  readableBy: Consumer | undefined
}

/** Compares what a live Secret holds, decoded once from `.data`, with the credentials that are wanted there. */
export function sameCredentials(stored: Secret, wanted: Credentials): Comparison {
  const found = unwrapObject(stored.reveal())
  return {
    same: found !== undefined && isDeepStrictEqual(found.object, unwrapObject(wanted.content.reveal())?.object),
    encoding: recogniseEncoding(stored),
    readableBy: consumerOf(stored.reveal()),
  }
}

/** Connect parses exactly what it is given: a byte order mark is as unreadable to it as wrapped base64. */
function consumerOf(text: string): Consumer | undefined {
  if (parseObject(text) !== undefined) return 'file'
  const json = /\s/.test(text) ? undefined : decodeBase64(text)
  return json !== undefined && parseObject(json) !== undefined ? 'environment' : undefined
}

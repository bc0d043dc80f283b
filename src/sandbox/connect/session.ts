import type { ConnectIdentity } from './account.ts'

/** The file that Connect reads when OP_SESSION isn't set. */
const defaultPath = '/home/opuser/.op/1password-credentials.json'

export type Session = { server: ConnectIdentity } | { log: string }

/**
 * What a Connect container makes of OP_SESSION when it starts: the path of a file that holds the JSON, else base64
 * text of it (https://developer.1password.com/docs/connect/server-configuration). The log lines are Connect's own:
 * people search for them (https://github.com/1Password/connect/issues/62).
 */
export function openSession(value: string | undefined, files: ReadonlyMap<string, string>, servers: readonly ConnectIdentity[]): Session {
  const source = value ?? defaultPath
  const file = files.get(source)
  if (file === undefined && value === undefined) return { log: `credentialsDataFromDisk), open ${source}: no such file or directory` }
  const text = file ?? decode(source)
  if (typeof text !== 'string')
    return { log: `LoadLocalAuthV2 failed to credentialsDataFromBase64), illegal base64 data at input byte ${text.at}` }
  const credentials = parse(text)
  if (credentials === undefined) {
    const first = text.trimStart()[0]
    const why = first === undefined ? 'unexpected end of JSON input' : `invalid character '${first}' looking for beginning of value`
    return { log: `failed to Unmarshal credentials file data into map, ${why}` }
  }
  const server = servers.find((each) => JSON.stringify(parse(each.credentials)) === JSON.stringify(credentials))
  return server ? { server } : { log: 'failed to Decrypt localAuthv2: Authentication failed, invalid bearer token' }
}

/** Standard or URL base64, padded or not, on one line; else where it breaks. */
function decode(text: string): string | { at: number } {
  const at = text.search(/[^A-Za-z0-9+/_=-]/)
  if (at >= 0) return { at }
  const body = text.replace(/=+$/, '')
  if (body.includes('=')) return { at: body.indexOf('=') }
  if (body.length % 4 === 1) return { at: body.length }
  return Buffer.from(body, 'base64').toString()
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

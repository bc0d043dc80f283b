import type { Environment } from '../child.ts'
import { parseSource, type Source } from './source.ts'

/** The sources that the old set-up script took from its environment: a file's path, and a token's value. */
export function legacySources(env: Environment): { credentials?: Source; token?: Source } {
  const path = env['OP_CREDENTIALS_FILE']?.trim()
  const token = env['OP_CONNECT_TOKEN']?.trim()
  return {
    ...(path ? { credentials: parseSource(path, 'OP_CREDENTIALS_FILE') } : {}),
    ...(token ? { token: { kind: 'env', name: 'OP_CONNECT_TOKEN' } } : {}),
  }
}

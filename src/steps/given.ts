import { type Credentials, parseCredentials } from '../onepassword/credentials.ts'
import { readSource, type SourcePorts } from '../onepassword/read-source.ts'
import type { Source } from '../onepassword/source.ts'
import { type ConnectToken, parseToken } from '../onepassword/token.ts'
import type { Secret } from '../secret.ts'
import { once } from './once.ts'

/** The credentials and the token that were given, each read and checked once; undefined where none was. */
export interface Given {
  credentials(): Promise<Credentials | undefined>
  token(): Promise<ConnectToken | undefined>
}

export function givenBy(sources: { credentials?: Source; token?: Source }, at: SourcePorts & { now(): Date }): Given {
  const read = <T extends { notes: string[] }>(source: Source | undefined, what: 'credentials' | 'token', parse: (raw: Secret) => T) =>
    once(async () => {
      if (source === undefined) return undefined
      const { secret, notes } = await readSource(source, at, what)
      const parsed = parse(secret)
      return { ...parsed, notes: [...notes, ...parsed.notes] }
    })
  return {
    credentials: read(sources.credentials, 'credentials', parseCredentials),
    token: read(sources.token, 'token', (raw) => parseToken(raw, at.now())),
  }
}

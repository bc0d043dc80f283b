import { checkToken } from '../../../src/sandbox/connect/token.ts'
import { kindOf, kinds } from '../../../src/sandbox/kinds.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { idOf } from './stage.ts'

/** What the token Secret held at each instant at which it, or the account, has changed. */
export interface Instants {
  /** Of each version of the Secret, since the last call, the id of its token. */
  versions(): string[]
  /** What was wrong at an instant since the last call: no Secret, more or less than one whole token, or one that Connect refuses. */
  broken(): string[]
}

const name = 'onepassword-connect-token'

export function watchInstants({ api, account }: Sandbox): Instants {
  const versions: string[] = []
  const broken: string[] = []
  const look = () => {
    const data: Record<string, string> = api.store.get(kinds.secret, 'external-secrets', name)?.['data'] ?? {}
    const [token = '', ...more] = Object.values(data).map((each) => Buffer.from(each, 'base64').toString())
    if (data['token'] === undefined || more.length > 0) broken.push(`the Secret has the keys ${Object.keys(data).join(', ')}`)
    const refusals = account.servers.map((server) => checkToken(token, server, account.revoked, new Date()))
    if (!refusals.some((each) => 'id' in each))
      broken.push(`no Connect server accepts what it holds: ${refusals.map((each) => 'log' in each && each.log).join()}`)
    return token
  }
  api.store.onChange(({ object }) => {
    const { metadata } = object
    if (kindOf(object).kind === 'Secret' && metadata.name === name && metadata.namespace === 'external-secrets') versions.push(idOf(look()))
  })
  // Deleting a token in 1Password breaks whoever still holds it.
  account.revoked.add = (id) => {
    Set.prototype.add.call(account.revoked, id)
    look()
    return account.revoked
  }
  return { versions: () => versions.splice(0), broken: () => broken.splice(0) }
}

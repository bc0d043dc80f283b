import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConnectAccess, createConnectAccess } from '../../../src/sandbox/connect/identity.ts'
import type { Rotation } from './stage.ts'

let made = 0

/** Another Connect server of the account, with its credentials and tokens in files. */
export async function newServer({ sandbox, held }: Rotation) {
  const access = createConnectAccess(claimsOf(held()).account)
  sandbox.account.servers.push(access.identity)
  const file = async (name: string, content: string) => {
    const path = join(sandbox.folder, `${name}-${++made}`)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  const mint = (of: ConnectAccess) => of.mint({ vaults: sandbox.account.vaults, issuedAt: new Date(Date.now() - 3_600_000) }).reveal()
  const [token, another] = [mint(access), mint(access)]
  return {
    id: access.identity.id,
    credentials: access.credentials.reveal(),
    token,
    flags: { credentials: await file('credentials', access.credentials.reveal()), token: await file('token', token) },
    another: await file('another', another),
  }
}

/** What a token says of where it belongs. */
export function claimsOf(token = ''): { account: string; server: string } {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return { account: claims['1password.com/auuid'], server: claims.sub }
}

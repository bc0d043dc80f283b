import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '../secret.ts'

/** `op connect server create` has no other way to give the credentials: https://github.com/1Password/connect/issues/103 */
const name = '1password-credentials.json'

/** Some kilobytes, in truth. */
const limit = 1024 * 1024

/** What stands in the credentials file of this folder, which is gone then; undefined if there is no such file. */
export async function takeCredentials(folder: string): Promise<Secret | undefined> {
  const path = join(folder, name)
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.size > limit) return undefined
    return new Secret(await file.readFile('utf8'))
  } finally {
    await file.close()
    await rm(path, { recursive: true })
  }
}

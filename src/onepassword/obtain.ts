import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'

/**
 * Where a credentials file comes from; `op` writes it into the current folder.
 * https://developer.1password.com/docs/cli/reference/management-commands/connect
 */
export const newCredentials: readonly string[] = [
  'op connect server create <name> --vaults <vault>',
  'or in the browser: 1Password.com, Developer, New Connect server; the file is offered for download once',
]

/**
 * Where a token comes from; the Connect server and the vaults are named as far as they are known.
 * https://developer.1password.com/docs/connect/manage-connect
 */
export function newToken(server = '<server>', vaults: readonly string[] = []): string[] {
  const granted = vaults.length === 0 ? '--vault <vault>' : vaults.map((vault) => `--vault ${shellWord(plain(vault))}`).join(' ')
  return [
    `op connect token create eso-bootstrap --server ${server} ${granted} --expires-in 90d`,
    'or in the browser: 1Password.com, Developer, the Connect server, New Token',
  ]
}

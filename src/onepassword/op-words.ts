import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'

export interface TokenWanted {
  name: string
  /** The Connect server that it is for: its id, or its name. */
  server: string
  /** The vaults that it may read, at least one. Ids are safer than titles: op takes a title with a space for an id. */
  vaults: readonly string[]
  /** Such as `90d`. */
  expiresIn: string
}

/** The words after `op` for what it is asked to do. Throws a Failure `op-word` for a text that op would take for something else. */
export const opWords = {
  /** `,r`: no more than reading, whatever the server may do. https://www.1password.dev/cli/reference/management-commands/connect */
  createToken({ name, server, vaults, expiresIn }: TokenWanted): string[] {
    if (vaults.length === 0) throw refused('', 'vault')
    const granted = vaults.flatMap((vault) => ['--vault', `${word(vault, 'vault')},r`])
    return ['connect', 'token', 'create', word(name), '--server', word(server), ...granted, '--expires-in', word(expiresIn)]
  },

  deleteToken: ({ id, server }: { id: string; server: string }) => ['connect', 'token', 'delete', word(id), '--server', word(server)],

  /** `--force`: it asks no question that nobody would answer. */
  createServer({ name, vaults }: { name: string; vaults: readonly string[] }): string[] {
    const granted = vaults.length === 0 ? [] : ['--vaults', vaults.map((vault) => word(vault, 'vault')).join(',')]
    return ['connect', 'server', 'create', word(name), ...granted, '--force']
  },

  deleteServer: (server: string) => ['connect', 'server', 'delete', word(server)],

  /** The item comes through standard input, with its title and category: as options they would hide that it wasn't read. */
  keep: ({ vault }: { vault: string }) => ['item', 'create', '-', '--vault', word(vault, 'vault'), '--format', 'json'],

  discard: ({ id, vault }: { id: string; vault: string }) => ['item', 'delete', word(id), '--vault', word(vault, 'vault')],

  grant: (server: string, vault: string) => ['connect', 'vault', 'grant', '--server', server, '--vault', vault],
}

/** The command with these words as it can be pasted into a shell: to be shown before it runs, and as the way back. */
export function commandOf(words: readonly string[]): string {
  const shown = words.map((each) => (/^-[\w-]*$/.test(each) ? each : shellWord(each)))
  return ['op', ...shown].join(' ')
}

function word(text: string, what: 'vault' | 'word' = 'word'): string {
  if (text === '' || text.startsWith('-') || plain(text, Number.POSITIVE_INFINITY) !== text) throw refused(text, what)
  // op would divide it there.
  if (what === 'vault' && /[,"]/.test(text)) throw refused(text, what)
  return text
}

function refused(text: string, what: 'vault' | 'word'): Failure {
  const empty = what === 'vault' ? 'op was to be told a vault, and there is none.' : 'op was to be told a name, and it is empty.'
  return new Failure({
    id: 'op-word',
    exit: 'usage',
    what: text === '' ? empty : `op cannot be told “${plain(text)}” as it is.`,
    why: 'A name for op does not begin with a hyphen and has single spaces at most; that of a vault has no comma and no quotation mark.',
    fix: what === 'vault' ? ['Name the vault by its id.', 'op vault list'] : 'Choose another name, or the id.',
  })
}

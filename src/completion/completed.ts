import { commandTable } from '../command-table.ts'
import { type CommandName, type Option, optionsOf } from '../options.ts'

/** What a shell offers behind an option: nothing, files, folders, words that are known now, or those that a command prints. */
export type Values =
  | { is: 'none' | 'switch' | 'files' | 'folders' }
  | { is: 'words'; words: readonly string[] }
  | { is: 'printed'; by: string }

export interface CompletedOption {
  /** `--yes`, and `-y`. */
  names: string[]
  says: string
  values: Values
  /** May be given more than once. */
  many: boolean
}

export interface CompletedCommand {
  name: CommandName
  says: string
  options: CompletedOption[]
}

/** What the command line takes, for the scripts of the shells; `words` has those of an option's values that are not in its table. */
export function completed(words: Readonly<Record<string, readonly string[]>>): CompletedCommand[] {
  return (Object.keys(commandTable) as CommandName[]).map((name) => ({
    name,
    says: commandTable[name],
    options: [
      ...optionsOf(name).map((option) => ({
        names: [`--${option.flag}`, ...(option.short === undefined ? [] : [`-${option.short}`])],
        says: option.says,
        values: valuesOf(option, words),
        many: option.many === true,
      })),
      { names: ['--help', '-h'], says: 'display help for command', values: { is: 'switch' }, many: false },
    ],
  }))
}

/** Contexts are asked for when they are wanted: they change. */
const printed: Readonly<Record<string, string>> = {
  context: 'kubectl config get-contexts -o name 2>/dev/null',
  scenario: 'eso-bootstrap demo --list-scenarios 2>/dev/null',
}

function valuesOf({ flag, value, choices }: Option, words: Readonly<Record<string, readonly string[]>>): Values {
  if (value === undefined) return { is: 'switch' }
  if (choices !== undefined) return { is: 'words', words: choices }
  if (words[flag] !== undefined) return { is: 'words', words: words[flag] }
  if (printed[flag] !== undefined) return { is: 'printed', by: printed[flag] }
  if (value === '<folder>') return { is: 'folders' }
  return { is: value === '<file>' || value === '<source>' ? 'files' : 'none' }
}

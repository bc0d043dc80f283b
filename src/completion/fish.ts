import { shells } from '../command-table.ts'
import type { CompletedCommand, CompletedOption, Values } from './completed.ts'

/** https://fishshell.com/docs/current/cmds/complete.html */
export function fishScript(commands: readonly CompletedCommand[]): string {
  return `# eso-bootstrap completion fish
complete -c eso-bootstrap -f
${commands.map(({ name, says }) => `complete -c eso-bootstrap -n __fish_use_subcommand -a ${name} -d ${quoted(says)}`).join('\n')}
complete -c eso-bootstrap -n __fish_use_subcommand -a completion -d 'what a shell needs to complete command lines'
complete -c eso-bootstrap -n '__fish_seen_subcommand_from completion' -a '${shells.join(' ')}'
${commands.flatMap(({ name, options }) => options.map((each) => optionLine(name, each))).join('\n')}
`
}

function optionLine(command: string, { names, says, values }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ')
  return `complete -c eso-bootstrap -n '__fish_seen_subcommand_from ${command}' ${flags} -d ${quoted(says)}${actionOf(values)}`
}

function actionOf(values: Values): string {
  switch (values.is) {
    case 'switch':
      return ''
    case 'none':
      return ' -x'
    case 'files':
      return ' -r -F'
    case 'folders':
      return " -x -a '(__fish_complete_directories)'"
    case 'words':
      return ` -x -a '${values.words.join(' ')}'`
    case 'printed':
      return ` -x -a '(${values.by})'`
  }
}

/** Inside single quotes only these two are special. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

import { shells } from '../command-table.ts'
import type { CompletedCommand, Values } from './completed.ts'

/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const names = [...commands.map(({ name }) => name), 'completion'].join(' ')
  return `# eso-bootstrap completion bash
_eso_bootstrap() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  # --flag=value comes in three words.
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '${names} --help --version' -- "$word"))
    return
  fi
  case $command:$before in
${commands.flatMap(valueCases).join('\n')}
  esac
  case $command in
${commands.map(({ name, options }) => `    ${name}) COMPREPLY=($(compgen -W '${options.flatMap((each) => each.names).join(' ')}' -- "$word")) ;;`).join('\n')}
    completion) COMPREPLY=($(compgen -W '${shells.join(' ')}' -- "$word")) ;;
  esac
}
complete -F _eso_bootstrap eso-bootstrap
`
}

function valueCases({ name, options }: CompletedCommand): string[] {
  return options.flatMap(({ names, values }) =>
    values.is === 'switch' ? [] : [`    ${names.map((each) => `${name}:${each}`).join('|')}) ${wordsOf(values)}return ;;`],
  )
}

function wordsOf(values: Values): string {
  const from = {
    none: () => undefined,
    switch: () => undefined,
    files: () => '-f',
    folders: () => '-d',
    words: () => values.is === 'words' && `-W '${values.words.join(' ')}'`,
    printed: () => values.is === 'printed' && `-W "$(${values.by})"`,
  }[values.is]()
  // A name may hold blanks; and macOS has a bash without compopt.
  const names = values.is === 'files' || values.is === 'folders' ? "local IFS=$'\\n'; compopt -o filenames 2>/dev/null; " : ''
  return from ? `${names}COMPREPLY=($(compgen ${from} -- "$word")); ` : ''
}

import { shells } from '../command-table.ts'
import type { CompletedCommand, CompletedOption, Values } from './completed.ts'

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef eso-bootstrap
# eso-bootstrap completion zsh
_eso-bootstrap() {
  local -a commands=(
${commands.map(({ name, says }) => `    ${quoted(`${name}:${says}`)}`).join('\n')}
    'completion:what a shell needs to complete command lines'
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands
  .map(
    ({ name, options }) =>
      `    ${name})\n      _arguments -S ${options
        .flatMap(specsOf)
        .map((each) => `\\\n        ${each}`)
        .join(' ')} ;;`,
  )
  .join('\n')}
    completion) _values shell ${shells.join(' ')} ;;
  esac
}
# Read from a folder of functions it is run at once; evaluated, it is told of.
if [[ $funcstack[1] == _eso-bootstrap ]]; then _eso-bootstrap "$@"; else compdef _eso-bootstrap eso-bootstrap; fi
`
}

function specsOf({ names, says, values, many }: CompletedOption): string[] {
  const description = says.replace(/[[\]\\:]/g, '\\$&')
  return names.map((name) => {
    const excludes = many || names.length === 1 ? '' : `(${names.join(' ')})`
    const takes = values.is === 'switch' ? '' : name.startsWith('--') ? '=' : '+'
    return quoted(`${excludes}${many ? '*' : ''}${name}${takes}[${description}]${actionOf(values)}`)
  })
}

function actionOf(values: Values): string {
  switch (values.is) {
    case 'switch':
      return ''
    case 'none':
      return ':value: '
    case 'files':
      return ':file:_files'
    case 'folders':
      return ':folder:_files -/'
    case 'words':
      return `:value:(${values.words.join(' ')})`
    case 'printed':
      return `:value:{compadd -- \${(f)"$(${values.by})"}}`
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

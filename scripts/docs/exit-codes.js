import { code, generated, table } from './markdown.js'

const meanings = {
  done: 'What was asked for is so; also for `--help`, `--version` and a dry run.',
  unexpected: 'A mistake in eso-bootstrap. Please report it.',
  usage: 'A flag is wrong, or something is missing and nobody could be asked. Nothing was changed.',
  blocked:
    'A check stopped it before anything was written, or what had been written was taken back. With `status`: something is broken. With `verify`: it is not proven.',
  refused: 'The cluster or 1Password refused: authentication or permission. With `status`: nothing could be looked at.',
  partly:
    'Partly done, and others can see it already, or what was written could not be taken back. The output says what is, what is not, and how to go on.',
  busy: 'Another run holds the lock, or somebody changed the same thing in the meantime. Run it again.',
  pending: 'With `--dry-run --detailed-exitcode`: something would change. With `rotate-token --check`: a token expires soon.',
  interrupted: 'Ctrl-C, or no at the question whether to apply the plan. What had been done was taken back, or is named.',
  terminated: 'The same after SIGTERM.',
}

/** Throws if the code has an exit that nobody has described, or the other way round. */
export function exitCodesPage(exitCodes) {
  const names = Object.keys(exitCodes)
  const strange = [...names.filter((name) => !(name in meanings)), ...Object.keys(meanings).filter((name) => !names.includes(name))]
  if (strange.length > 0) throw new Error(`scripts/docs/exit-codes.js and src/failure.ts differ: ${strange.join(', ')}`)
  const rows = names.map((name) => [code(String(exitCodes[name])), name, meanings[name]])
  return `${generated}

# Exit codes

${table(['Code', 'Name', 'Means'], rows)}

The error ids that stand behind them: [errors.md](errors.md).
`
}

import { shells } from '../command-table.ts'
import { bashScript } from '../completion/bash.ts'
import { completed } from '../completion/completed.ts'
import { fishScript } from '../completion/fish.ts'
import { zshScript } from '../completion/zsh.ts'
import { checkIds } from '../doctor/check-ids.ts'
import { Failure } from '../failure.ts'
import { exitCodeOf, renderError } from '../terminal/errors.ts'
import type { Io } from '../terminal/io.ts'
import { styleOf } from '../terminal/style.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** Prints what a shell needs to complete our command lines. Gives the exit code. */
export function completion(shell: string | undefined, io: Io): number {
  const known = shells.find((each) => each === shell)
  if (known === undefined) {
    const unknown = new Failure({
      id: 'shell-unknown',
      exit: 'usage',
      what: `Completion is for ${shells.join(', ')}; name one of them.`,
      fix: shells.map((each) => howTo[each]),
    })
    io.stderr.write(renderError(unknown, styleOf(io, io.stderr, false)))
    return exitCodeOf(unknown)
  }
  io.stdout.write(scripts[known](completed({ explain: checkIds, ignore: checkIds })))
  return 0
}

const howTo = {
  bash: 'eso-bootstrap completion bash >> ~/.bash_completion',
  zsh: 'eso-bootstrap completion zsh > "$fpath[1]/_eso-bootstrap"',
  fish: 'eso-bootstrap completion fish > ~/.config/fish/completions/eso-bootstrap.fish',
} as const

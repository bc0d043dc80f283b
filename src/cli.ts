import { Command, CommanderError } from 'commander'
import { commandTable } from './command-table.ts'
import { exitCodes } from './failure.ts'
import { type CommandName, type Option, optionsOf } from './options.ts'
import type { Io } from './terminal/io.ts'
import { processIo } from './terminal/io.ts'
import { version } from './version.ts'

/** Runs one command line and gives its exit code. Everything a command needs is loaded when it is chosen. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  let code: number = exitCodes.done
  const program = new Command('eso-bootstrap')
    .description('From nothing but Flux to the first secret synced from 1Password.')
    .version(version(), '-V, --version')
    .helpOption('-h, --help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(withoutValues(text, argv).replace(/^error: (.)/, (_, first) => `✖ ${first.toUpperCase()}`)),
      getOutHelpWidth: () => io.stdout.columns ?? 80,
      getOutHasColors: () => false,
    })
    .showHelpAfterError('  → eso-bootstrap --help')
    .addHelpText('after', '\nTry it without a cluster and without a 1Password account: eso-bootstrap demo')

  command(program, 'init', initExamples).action(async (_, self) => {
    const { init } = await import('./commands/init.ts')
    code = await init(rawOptions(self), io)
  })
  for (const [name, examples] of rotations) {
    command(program, name, examples).action(async (_, self) => {
      const { rotate } = await import('./commands/rotate.ts')
      code = await rotate(name, rawOptions(self), io)
    })
  }
  command(program, 'status', statusExamples).action(async (_, self) => {
    const { status } = await import('./commands/status.ts')
    code = await status(rawOptions(self), io)
  })
  command(program, 'doctor', doctorExamples).action(async (_, self) => {
    const { doctor } = await import('./commands/doctor.ts')
    code = await doctor(rawOptions(self), io)
  })
  command(program, 'verify', verifyExamples).action(async (_, self) => {
    const { verify } = await import('./commands/verify.ts')
    code = await verify(rawOptions(self), io)
  })
  command(program, 'demo', demoExamples).action(async (_, self) => {
    const { demo } = await import('./commands/demo.ts')
    code = await demo(rawOptions(self), io)
  })
  program
    .command('completion')
    .argument('[shell]', 'bash, zsh or fish')
    .description('what a shell needs to complete command lines')
    .addHelpText('after', completionExamples)
    .exitOverride()
    .action(async (shell) => {
      const { completion } = await import('./commands/completion.ts')
      code = completion(shell, io)
    })

  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    const { reportError } = await import('./terminal/errors.ts')
    return reportError(error, io, argv)
  }
}

const initExamples = `
Examples:
  eso-bootstrap init                            guided
  eso-bootstrap init --dry-run                  show what would be done
  eso-bootstrap init --yes --git push --vault homelab \\
    --credentials op://ops/connect/file --token env:CONNECT_TOKEN
  eso-bootstrap init --offline --vault homelab  the files, for a pull request

Every option can be set as ESO_BOOTSTRAP_<OPTION>: ESO_BOOTSTRAP_VERIFY_ITEM.`

const rotations = [
  [
    'rotate-token',
    `
Examples:
  eso-bootstrap rotate-token                    guided
  eso-bootstrap rotate-token --mint --revoke-old --yes
  eso-bootstrap rotate-token --yes --token op://ops/connect/token
  eso-bootstrap rotate-token --check --within 14d || echo "time for a new one"
  eso-bootstrap rotate-token --mint --context home --context cabin`,
  ],
  [
    'rotate-credentials',
    `
Examples:
  eso-bootstrap rotate-credentials              guided
  eso-bootstrap rotate-credentials --mint --keep-in ops/connect --yes
  eso-bootstrap rotate-credentials --yes \\
    --credentials 1password-credentials.json --token env:CONNECT_TOKEN`,
  ],
] as const

const statusExamples = `
Examples:
  eso-bootstrap status                          one screen
  eso-bootstrap status --short                  for a chat
  eso-bootstrap status --watch                  until Ctrl-C
  eso-bootstrap status --write                  also into STATUS.md`

const doctorExamples = `
Examples:
  eso-bootstrap doctor                          every check; what is wrong first
  eso-bootstrap doctor --fix                    mends what is safe, each after a yes
  eso-bootstrap doctor --explain token-expired  what a check is about
  eso-bootstrap doctor --offline -o github      on a pull request`

const verifyExamples = `
Examples:
  eso-bootstrap verify --item my-app/api-key    through the only store
  eso-bootstrap verify --item my-app --all-stores
  eso-bootstrap verify --item my-app --store apps/onepassword
  eso-bootstrap verify --item my-app --refresh  also that a change arrives`

const completionExamples = `
Examples:
  eso-bootstrap completion bash >> ~/.bash_completion
  eso-bootstrap completion zsh > "$fpath[1]/_eso-bootstrap"
  eso-bootstrap completion fish > ~/.config/fish/completions/eso-bootstrap.fish`

const demoExamples = `
Examples:
  eso-bootstrap demo                            a whole run, then it is gone
  eso-bootstrap demo --serve | tee sandbox.env  keeps it up; in another shell:
  eval "$(grep ^export sandbox.env)"            points kubectl and init at it
  eso-bootstrap demo --serve --scenario wrong-encoding`

function command(program: Command, name: CommandName, examples: string): Command {
  const made = program
    .command(name)
    .description(commandTable[name])
    .allowExcessArguments(false)
    .exitOverride()
    .addHelpText('after', examples)
    .showHelpAfterError(`  → eso-bootstrap ${name} --help`)
  for (const option of optionsOf(name)) {
    made.optionsGroup(`${option.group}:`)
    if (option.many) made.option(flags(option), option.says, (value: string, all: string[] = []) => [...all, value])
    else made.option(flags(option), option.says)
  }
  return made
}

function flags({ flag, short, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${flag}${value === undefined ? '' : ` ${value}`}`
}

/** What was given, by the names of the option table: commander calls `--no-wait` `wait: false`. */
function rawOptions(self: Command): Record<string, string | string[] | true> {
  const entries = self.options.flatMap((option) => {
    const value = self.getOptionValue(option.attributeName())
    if (self.getOptionValueSource(option.attributeName()) !== 'cli') return []
    return [[option.long?.replace(/^--/, '') ?? '', option.negate ? true : value]]
  })
  return Object.fromEntries(entries)
}

/** A usage error names the option, never what was given with it: that may be a pasted secret. */
function withoutValues(text: string, argv: readonly string[]): string {
  // First as they were given: what is quoted may hold a quote.
  const known = argv.toSorted((a, b) => b.length - a.length).reduce((rest, word) => rest.replaceAll(`'${word}'`, nameIn(word)), text)
  return known.replace(/'([^']*)'/g, (_, quoted: string) => nameIn(quoted))
}

function nameIn(word: string): string {
  const [name = ''] = word.replace(/ [<[].*$/, '').split('=')
  return /^(-{0,2}[a-z][a-z-]{0,30}|-[a-zA-Z](, --[a-z-]+)?)$/.test(name) ? `'${name}'` : '(not shown)'
}

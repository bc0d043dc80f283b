import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { input, password } from '@inquirer/prompts'
import { Failure } from '../failure.ts'
import { parseCredentials } from '../onepassword/credentials.ts'
import { readSource, type SourcePorts } from '../onepassword/read-source.ts'
import { parseSource, type Source } from '../onepassword/source.ts'
import { parseToken } from '../onepassword/token.ts'
import type { CommandName } from '../options.ts'
import { Secret } from '../secret.ts'
import { interrupted } from './interrupt.ts'
import type { Io } from './io.ts'
import { wrap } from './style.ts'

/** What 1Password calls the file when it is downloaded. */
const usual = '1password-credentials.json'

export type Context = { output: Io['stderr']; input: NodeJS.ReadableStream; signal?: AbortSignal }

export type PromptAt = SourcePorts & { now(): Date }

/** Asks for the credentials file until it is one. */
export async function promptCredentials(at: PromptAt, context: Context, command: CommandName): Promise<Source> {
  explain(context, `${usual}, as 1Password gave it for the Connect server; a path, or op://vault/item/file.`)
  const typed = (text: string) => typedSource(text, '--credentials', command)
  const said = await input(
    {
      message: 'Credentials file:',
      ...((await exists(resolve(at.cwd, usual))) ? { default: usual } : {}),
      validate: (text) => refusal(context, async () => parseCredentials((await readSource(typed(text), at, 'credentials')).secret)),
    },
    context,
  )
  return typed(said)
}

/** Asks for the token, or where it is, until it is one. */
export async function promptToken(at: PromptAt, context: Context, command: CommandName): Promise<Source> {
  explain(context, 'Paste it (it is not shown), or name a file or op://vault/item/field.')
  const said = await password(
    {
      message: 'Connect access token:',
      mask: false,
      toggleMask: false,
      validate: (text) =>
        refusal(context, async () => parseToken((await readSource(await tokenSource(text, at, command), at, 'token')).secret, at.now())),
    },
    context,
  )
  return tokenSource(said, at, command)
}

/** Here, unlike in a flag, the token itself may be given: nothing keeps or shows what is typed. */
async function tokenSource(text: string, at: PromptAt, command: CommandName): Promise<Source> {
  const said = text.trim()
  if (/^(op:\/\/|env:|-$)/.test(said)) return typedSource(said, '--token', command)
  const isFile = said.length < 1024 && !said.includes('\0') && (await exists(resolve(at.cwd, said)))
  return isFile && said !== ''
    ? { kind: 'file', path: said }
    : { kind: 'given', secret: new Secret(text), said: 'the token that was pasted' }
}

/** The prompt itself reads standard input, and by now other programs have been started with the environment as it is. */
function typedSource(text: string, flag: string, command: CommandName): Source {
  const source = parseSource(text, flag)
  if (source.kind !== 'stdin' && source.kind !== 'env') return source
  throw new Failure({
    id: 'source-not-at-prompt',
    exit: 'usage',
    what: 'Here it is a file or op://vault/item/field: standard input and variables are named on the command line.',
    fix: `eso-bootstrap ${command} ${flag} <source>`,
  })
}

/** What a prompt throws when it is left by Ctrl-C, as what this program throws then. */
export function asInterruption(error: unknown, signal: AbortSignal | undefined): unknown {
  const isLeft = error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError')
  return isLeft ? (signal?.reason ?? interrupted()) : error
}

/** One line before a prompt that says what is asked for, and why. */
export function explain({ output }: Context, text: string): void {
  output.write(`\n${wrap(text, output.columns ?? 80, '  ')}\n`)
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** For a prompt's validation: true, or why not, in our words. */
export async function refusal({ output }: Context, check: () => Promise<unknown>): Promise<true | string> {
  try {
    await check()
    return true
  } catch (error) {
    // Inquirer sets two characters before it, and would break a longer line anywhere.
    if (error instanceof Failure) return wrap([error.message, error.why].filter(Boolean).join(' '), (output.columns ?? 80) - 2)
    throw error
  }
}

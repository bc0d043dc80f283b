import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { Secret } from '../secret.ts'
import type { Op } from './op.ts'
import { readSecretFile, refuseSize, type What } from './secret-file.ts'
import { describeSource, type Source } from './source.ts'

export interface SourcePorts {
  /** Relative paths start here. */
  cwd: string
  env: Environment
  stdin: () => Promise<string>
  op: Pick<Op, 'read'>
  signal?: AbortSignal | undefined
}

/**
 * Reads the secret behind a source, with notes for what is worth a warning. What it holds is for `parseCredentials` and
 * `parseToken` to judge. Throws a Failure with exit `usage` if there is nothing to read, or no text; or that of `op`.
 */
export async function readSource(source: Source, at: SourcePorts, what: What): Promise<{ secret: Secret; notes: string[] }> {
  at.signal?.throwIfAborted()
  const { text, notes } = await textOf(source, at, what)
  const place = describeSource(source)
  refuseSize(Buffer.byteLength(text), what, place)
  if (/[\0\uFFFD]/.test(text)) {
    throw new Failure({
      id: `${what}-not-text`,
      exit: 'usage',
      what: `The ${what} from ${place} ${what === 'token' ? 'is' : 'are'} not plain text.`,
      why: text.includes('\0') ? 'It may have been written by PowerShell, as UTF-16, or be some other kind of file.' : 'It is not UTF-8.',
      fix: 'Save it again as UTF-8, or use the file as 1Password offered it.',
    })
  }
  return { secret: new Secret(text), notes }
}

async function textOf(source: Source, at: SourcePorts, what: What): Promise<{ text: string; notes: string[] }> {
  switch (source.kind) {
    case 'file':
      return readSecretFile(resolve(at.cwd, fromHome(source.path, at.env)), what, describeSource(source))
    case 'stdin':
      return { text: await at.stdin(), notes: [] }
    case 'env':
      return {
        text: variable(source.name, at.env, what),
        notes: [`${source.name}: other programs of yours can see it; a file or op:// is safer.`],
      }
    case 'op':
      return { text: (await at.op.read(source.reference, at.signal)).reveal(), notes: [] }
    case 'given':
      return { text: source.secret.reveal(), notes: [] }
  }
}

/** `--token=~/token` and a variable's value reach us with the tilde that a shell would have expanded elsewhere. */
function fromHome(path: string, env: Environment): string {
  return path.startsWith('~/') ? join(env['HOME'] ?? homedir(), path.slice(2)) : path
}

function variable(name: string, env: Environment, what: What): string {
  const value = env[name]
  if (value !== undefined) return value
  throw new Failure({
    id: `${what}-variable-unset`,
    exit: 'usage',
    what: `The environment variable ${name}, which should hold the ${what}, is not set.`,
    fix: `Export it (export ${name}=…), or name another source with --${what}.`,
  })
}

import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import type { Secret } from '../secret.ts'
import { plain } from '../text/plain.ts'
import { isTooMuch, looksPasted } from './pasted.ts'

/** Where a secret comes from. Only `given` holds the secret itself: what a person typed at a prompt. */
export type Source =
  | { kind: 'file'; path: string }
  | { kind: 'stdin' }
  | { kind: 'env'; name: string }
  | { kind: 'op'; reference: string }
  | { kind: 'given'; secret: Secret; said: string }

const forms = 'a file, `-` for standard input, `env:NAME`, or `op://vault/item/field`'

/**
 * The source that a flag's text names. `flag` is how it is called in the message: `--token`. Throws a Failure with exit
 * `usage`: a pasted value is refused, and no refused text is repeated.
 */
export function parseSource(text: string, flag: string): Source {
  const said = text.trim()
  if (said === '') {
    throw new Failure({ id: 'source-empty', exit: 'usage', what: `${flag} is empty.`, fix: `Give ${forms}.` })
  }
  if (said === '-') return { kind: 'stdin' }
  if (said.startsWith('env:')) return variable(said.slice('env:'.length), flag)
  if (said.startsWith('op://')) return reference(said, flag)
  if (looksPasted(said)) throw pasted(flag)
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(said)) throw malformed(flag, 'An address cannot be read from.')
  return { kind: 'file', path: said }
}

function variable(name: string, flag: string): Source {
  if (looksPasted(name)) throw pasted(flag)
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw malformed(flag, 'After `env:` comes the name of a variable.')
  return { kind: 'env', name }
}

/** Vault, item, section if there is one, and field: https://developer.1password.com/docs/cli/secret-reference-syntax */
function reference(said: string, flag: string): Source {
  if (isTooMuch(said)) throw pasted(flag)
  if (!/^op:\/\/[^/?]+\/[^/?]+(\/[^/?]+){1,2}(\?.+)?$/.test(said)) {
    throw malformed(flag, 'After `op://` come the vault, the item and the field, with slashes between them.')
  }
  return { kind: 'op', reference: said }
}

function malformed(flag: string, why: string): Failure {
  return new Failure({ id: 'source-malformed', exit: 'usage', what: `${flag} does not name a source.`, why, fix: `Give ${forms}.` })
}

function pasted(flag: string): Failure {
  return new Failure({
    id: 'value-instead-of-source',
    exit: 'usage',
    what: `${flag} takes the place where the secret is, not the secret itself.`,
    why: 'A value on the command line stays in the shell history, and other users of this machine can see it. Regard it as leaked.',
    fix: [`Give ${forms}.`, 'If it is the name of a file after all, write ./ before it.'],
  })
}

/** The environment for all but the reading of sources: what they are read from is no business of a child's. */
export function withoutSources(env: Environment, sources: readonly (Source | undefined)[]): Environment {
  const names = sources.flatMap((source) => (source?.kind === 'env' ? [source.name] : []))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)))
}

/** The source as it may be shown: its place, never its value. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case 'file':
      return plain(source.path)
    case 'stdin':
      return 'standard input'
    case 'env':
      return `env:${source.name}`
    case 'op':
      return plain(source.reference)
    case 'given':
      return source.said
  }
}

import { resolve } from 'node:path'
import * as z from 'zod'
import type { Environment } from './child.ts'
import { Failure } from './failure.ts'
import { isSecretItself } from './onepassword/pasted.ts'
import type { Source } from './onepassword/source.ts'
import { type CommandName, environmentName, type Flag, type Option, optionsOf } from './options.ts'
import { isOn } from './terminal/io.ts'

/** What the flags said, as text; switches are `true`. */
export type RawOptions = Partial<Record<Flag, string | string[] | true>>

export const text = z.string().trim().min(1, 'is empty')
export const storeName = z.string().regex(/^([a-z0-9][-a-z0-9.]*\/)?[a-z0-9][-a-z0-9.]*$/, 'must be <name> or <namespace>/<name>')
export const output = z.enum(['human', 'json'], 'must be human or json').default('human')

export const namespaceName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a Kubernetes name: lower-case letters, digits and -')

/** Which cluster is meant, as far as all commands take it in the same way. */
export const clusterOptions = { kubeconfig: text.optional(), 'expect-cluster': text.optional() }

export function clusterIn(said: { kubeconfig?: string | undefined; 'expect-cluster'?: string | undefined }, cwd: string) {
  const { kubeconfig, 'expect-cluster': expectCluster } = said
  return { kubeconfig: kubeconfig === undefined ? undefined : resolve(cwd, kubeconfig), expectCluster }
}

/**
 * Flags, then ESO_BOOTSTRAP_*, as the schema checks them. Throws a Failure with exit `usage`; a secret's value in the place of
 * anything else is refused without being echoed.
 */
export function readOptions<T extends z.ZodType>(command: CommandName, raw: RawOptions, env: Environment, schema: T) {
  const merged = withEnvironment(command, raw, env)
  refuseSecrets(merged)
  const parsed = schema.safeParse(merged)
  if (!parsed.success) throw wrongValues(command, parsed.error)
  return { said: parsed.data, on: (flag: Flag) => merged[flag] === true }
}

function withEnvironment(command: CommandName, raw: RawOptions, env: Environment): RawOptions {
  const merged: RawOptions = { ...raw }
  for (const option of optionsOf(command) as readonly (Option & { flag: Flag })[]) {
    const value = env[environmentName(option.flag)]
    if (merged[option.flag] !== undefined || value === undefined || value === '') continue
    if (option.value === undefined) {
      if (isOn(value)) merged[option.flag] = true
    } else {
      merged[option.flag] = option.many ? value.split('\n').filter((line) => line.trim() !== '') : value
    }
  }
  return merged
}

/** The values of all but the two sources: these are shown again, and those have words of their own. */
function refuseSecrets({ credentials: _, token: __, ...named }: RawOptions): void {
  for (const [flag, value] of Object.entries(named)) {
    if (![value].flat().some((each) => typeof each === 'string' && isSecretItself(each))) continue
    throw new Failure({
      id: 'secret-as-value',
      exit: 'usage',
      what: `--${flag} was given a secret, which it does not take.`,
      why: 'A value on the command line stays in the shell history, and other users of this machine can see it. Regard it as leaked.',
      fix: 'Name the place where it is instead: --credentials <source>, --token <source>',
    })
  }
}

function wrongValues(command: CommandName, error: z.ZodError): Failure {
  const lines = error.issues.map((issue) => `--${String(issue.path[0])} ${issue.message}`)
  return usage(command, lines.length === 1 ? `${lines[0]}.` : `${lines.length} options have a wrong value: ${lines.join('; ')}.`)
}

/** A Failure about how the options were used together, or one of them. */
export function usage(command: CommandName, what: string): Failure {
  return new Failure({ id: 'usage', exit: 'usage', what, fix: `eso-bootstrap ${command} --help` })
}

const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** A duration as text, for a schema; gives milliseconds. */
export function milliseconds(examples: string, otherwise: string) {
  return text.default(otherwise).transform((said, context) => {
    const found = duration(said)
    if (found === undefined) context.addIssue({ code: 'custom', message: `must be a duration ${examples}` })
    return found ?? z.NEVER
  })
}

function duration(said: string): number | undefined {
  const parts = [...said.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)]
  const whole = parts.map(([part]) => part).join('')
  if (said !== '0' && (parts.length === 0 || whole !== said)) return undefined
  return parts.reduce((sum, [, number, name]) => sum + Number(number) * unit[name as keyof typeof unit], 0)
}

/** Throws a Failure where both would read standard input. */
export function bothSources(command: CommandName, credentials: Source | undefined, token: Source | undefined) {
  if (credentials?.kind === 'stdin' && token?.kind === 'stdin') {
    throw new Failure({
      id: 'stdin-twice',
      exit: 'usage',
      what: 'Both --credentials and --token read standard input, which holds one of them at most.',
      fix: `eso-bootstrap ${command} --credentials <file> --token -`,
    })
  }
  return { credentials, token }
}

/** An item's title may hold slashes of its own: the field is what follows the last one. */
export function itemAndField(said: string): { item: string; field?: string } {
  const slash = said.lastIndexOf('/')
  if (slash <= 0 || slash === said.length - 1) return { item: said.replace(/\/$/, '') }
  return { item: said.slice(0, slash), field: said.slice(slash + 1) }
}

/** A store as `--store` names it. */
export function placeOf(said: string): { namespace?: string; name: string } {
  const [first = '', second] = said.split('/')
  return second === undefined ? { name: first } : { namespace: first, name: second }
}

type Optional<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] }

/** Drops the keys that are undefined, so that `{...}` merges and exact optional properties stay honest. */
export function withoutUndefined<T extends object>(inputs: Optional<T>): T {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)) as T
}

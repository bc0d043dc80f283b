import { isAbsolute, relative, resolve, sep } from 'node:path'
import * as z from 'zod'
import type { Environment } from './child.ts'
import { Failure } from './failure.ts'
import { parseVaults, type Vault } from './manifests/vault.ts'
import { legacySources } from './onepassword/legacy.ts'
import { isSecretItself } from './onepassword/pasted.ts'
import { parseSource, type Source } from './onepassword/source.ts'
import { environmentName, type Flag, type Option, optionsOf } from './options.ts'
import { isOn } from './terminal/io.ts'

/** What the flags said, as text; switches are `true`. */
export type RawOptions = Partial<Record<Flag, string | string[] | true>>

/** All that `init` was told, parsed once; nothing below commands/ reads flags or the environment again. */
export interface Inputs {
  /** Absolute folder inside the working tree. */
  repo: string
  /** Relative to the top of the repository, POSIX. */
  path?: string
  context?: string
  kubeconfig?: string
  expectCluster?: string
  namespace?: string
  kustomization?: { namespace?: string; name: string }
  credentials?: Source
  token?: Source
  vaults: Vault[]
  verifyItem?: { item: string; field?: string }
  git?: 'none' | 'commit' | 'push'
  branch?: string
  scaffold: boolean
  clusterPath?: string
  esoVersion?: string
  connectVersion?: string
  offline: boolean
  replace: boolean
  takeOwnership: boolean
  reconcile: boolean
  wait: boolean
  dryRun: boolean
  detailedExitcode: boolean
  /** Milliseconds. */
  timeout: number
  yes: boolean
  noInput: boolean
  output: 'human' | 'json'
  verbose: boolean
}

const label = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a Kubernetes name: lower-case letters, digits and -')
const text = z.string().trim().min(1, 'is empty')

const schema = z.object({
  repo: text.optional(),
  path: text.optional(),
  context: text.optional(),
  kubeconfig: text.optional(),
  'expect-cluster': text.optional(),
  namespace: label.optional(),
  kustomization: z
    .string()
    .regex(/^([a-z0-9-]+\/)?[a-z0-9.-]+$/, 'must be <name> or <namespace>/<name>')
    .optional(),
  credentials: z.string().optional(),
  token: z.string().optional(),
  vault: z.array(z.string()).default([]),
  'verify-item': text.optional(),
  git: z.enum(['none', 'commit', 'push'], 'must be none, commit or push').optional(),
  branch: text.optional(),
  'cluster-path': text.optional(),
  'eso-version': text.optional(),
  'connect-version': text.optional(),
  timeout: text.default('10m'),
  output: z.enum(['human', 'json'], 'must be human or json').default('human'),
})

/**
 * Flags, then ESO_BOOTSTRAP_*, then the two names that the old script read, as one checked value.
 * Throws a Failure with exit `usage`; a secret's value in the place of a source is refused without being echoed.
 */
export function parseInputs(raw: RawOptions, at: { env: Environment; cwd: string }): Inputs {
  const merged = withEnvironment(raw, at.env)
  refuseSecrets(merged)
  const parsed = schema.safeParse(merged)
  if (!parsed.success) throw usage(parsed.error)
  const said = parsed.data
  const on = (flag: Flag) => merged[flag] === true
  const legacy = legacySources(at.env)
  const source = (flag: 'credentials' | 'token') => (said[flag] === undefined ? legacy[flag] : parseSource(said[flag], `--${flag}`))
  const repo = resolve(at.cwd, said.repo ?? '.')
  return withoutUndefined({
    repo,
    path: said.path === undefined ? undefined : insideRepo(repo, said.path, '--path'),
    context: said.context,
    kubeconfig: said.kubeconfig === undefined ? undefined : resolve(at.cwd, said.kubeconfig),
    expectCluster: said['expect-cluster'],
    namespace: said.namespace,
    kustomization: said.kustomization === undefined ? undefined : kustomizationName(said.kustomization),
    ...sources(source('credentials'), source('token')),
    vaults: parseVaults(said.vault),
    verifyItem: said['verify-item'] === undefined ? undefined : itemAndField(said['verify-item']),
    git: said.git ?? (said.branch === undefined ? undefined : 'push'),
    branch: said.branch,
    scaffold: on('scaffold'),
    clusterPath: said['cluster-path'] === undefined ? undefined : insideRepo(repo, said['cluster-path'], '--cluster-path'),
    esoVersion: said['eso-version'],
    connectVersion: said['connect-version'],
    offline: on('offline'),
    replace: on('replace'),
    takeOwnership: on('take-ownership'),
    reconcile: !on('no-reconcile'),
    wait: !on('no-wait'),
    dryRun: on('dry-run'),
    detailedExitcode: on('detailed-exitcode'),
    timeout: duration(said.timeout),
    yes: on('yes'),
    noInput: on('no-input'),
    output: said.output,
    verbose: on('verbose'),
  })
}

function withEnvironment(raw: RawOptions, env: Environment): RawOptions {
  const merged: RawOptions = { ...raw }
  for (const option of optionsOf('init') as readonly (Option & { flag: Flag })[]) {
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

function usage(error: z.ZodError): Failure {
  const lines = error.issues.map((issue) => `--${String(issue.path[0])} ${issue.message}`)
  return new Failure({
    id: 'usage',
    exit: 'usage',
    what: lines.length === 1 ? `${lines[0]}.` : `${lines.length} options have a wrong value: ${lines.join('; ')}.`,
    fix: 'eso-bootstrap init --help',
  })
}

function insideRepo(repo: string, path: string, flag: string): string {
  const inside = isAbsolute(path) ? relative(repo, path) : path
  const posix = inside.split(sep).join('/').replace(/^\.\//, '').replace(/\/+$/, '')
  if (posix.split('/').includes('..') || isAbsolute(posix)) {
    throw new Failure({
      id: 'path-outside',
      exit: 'usage',
      what: `${flag} must be a folder inside the repository.`,
      fix: `eso-bootstrap init --repo <folder> ${flag} <folder in it>`,
    })
  }
  return posix === '' ? '.' : posix
}

function kustomizationName(said: string): { namespace?: string; name: string } {
  const [first = '', second] = said.split('/')
  return second === undefined ? { name: first } : { namespace: first, name: second }
}

/** An item's title may hold slashes of its own: the field is what follows the last one. */
function itemAndField(said: string): { item: string; field?: string } {
  const slash = said.lastIndexOf('/')
  if (slash <= 0 || slash === said.length - 1) return { item: said.replace(/\/$/, '') }
  return { item: said.slice(0, slash), field: said.slice(slash + 1) }
}

function sources(credentials: Source | undefined, token: Source | undefined) {
  if (credentials?.kind === 'stdin' && token?.kind === 'stdin') {
    throw new Failure({
      id: 'stdin-twice',
      exit: 'usage',
      what: 'Both --credentials and --token read standard input, which holds one of them at most.',
      fix: 'eso-bootstrap init --credentials <file> --token -',
    })
  }
  return { credentials, token }
}

const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

function duration(said: string): number {
  const parts = [...said.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  const whole = parts.map(([part]) => part).join('')
  if (said !== '0' && (parts.length === 0 || whole !== said)) {
    throw new Failure({
      id: 'usage',
      exit: 'usage',
      what: '--timeout must be a duration such as 90s, 10m or 1h30m.',
      fix: 'eso-bootstrap init --help',
    })
  }
  return parts.reduce((sum, [, number, name]) => sum + Number(number) * unit[name as keyof typeof unit], 0)
}

type Optional<T> = { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] }

/** Drops the keys that are undefined, so that `{...}` merges and exact optional properties stay honest. */
function withoutUndefined(inputs: Optional<Inputs>): Inputs {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)) as unknown as Inputs
}

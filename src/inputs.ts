import { isAbsolute, relative, resolve, sep } from 'node:path'
import * as z from 'zod'
import type { Environment } from './child.ts'
import { Failure } from './failure.ts'
import { parseVaults, type Vault } from './manifests/vault.ts'
import { legacySources } from './onepassword/legacy.ts'
import { parseSource, type Source } from './onepassword/source.ts'
import type { CommandName } from './options.ts'
import {
  bothSources,
  clusterIn,
  clusterOptions,
  itemAndField,
  milliseconds,
  namespaceName,
  output,
  type RawOptions,
  readOptions,
  text,
  withoutUndefined,
} from './raw-options.ts'

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

const schema = z.object({
  repo: text.optional(),
  path: text.optional(),
  context: text.optional(),
  ...clusterOptions,
  namespace: namespaceName.optional(),
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
  timeout: milliseconds('such as 90s, 10m or 1h30m', '10m'),
  output,
})

/**
 * Flags, then ESO_BOOTSTRAP_*, then the two names that the old script read, as one checked value.
 * Throws a Failure with exit `usage`; a secret's value in the place of a source is refused without being echoed.
 */
export function parseInputs(raw: RawOptions, at: { env: Environment; cwd: string }): Inputs {
  const { said, on } = readOptions('init', raw, at.env, schema)
  const legacy = legacySources(at.env)
  const source = (flag: 'credentials' | 'token') => (said[flag] === undefined ? legacy[flag] : parseSource(said[flag], `--${flag}`))
  const repo = resolve(at.cwd, said.repo ?? '.')
  return withoutUndefined<Inputs>({
    repo,
    path: said.path === undefined ? undefined : insideRepo(repo, said.path, '--path'),
    context: said.context,
    ...clusterIn(said, at.cwd),
    namespace: said.namespace,
    kustomization: said.kustomization === undefined ? undefined : kustomizationName(said.kustomization),
    ...bothSources('init', source('credentials'), source('token')),
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
    timeout: said.timeout,
    yes: on('yes'),
    noInput: on('no-input'),
    output: said.output,
    verbose: on('verbose'),
  })
}

/** A folder inside the repository, with slashes. Throws a Failure for one outside. */
export function insideRepo(repo: string, path: string, flag: string, command: CommandName = 'init'): string {
  const inside = isAbsolute(path) ? relative(repo, path) : path
  const posix = inside.split(sep).join('/').replace(/^\.\//, '').replace(/\/+$/, '')
  if (posix.split('/').includes('..') || isAbsolute(posix)) {
    throw new Failure({
      id: 'path-outside',
      exit: 'usage',
      what: `${flag} must be a folder inside the repository.`,
      fix: `eso-bootstrap ${command} --repo <folder> ${flag} <folder in it>`,
    })
  }
  return posix === '' ? '.' : posix
}

function kustomizationName(said: string): { namespace?: string; name: string } {
  const [first = '', second] = said.split('/')
  return second === undefined ? { name: first } : { namespace: first, name: second }
}

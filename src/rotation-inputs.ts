import { homedir } from 'node:os'
import { resolve } from 'node:path'
import * as z from 'zod'
import type { Environment } from './child.ts'
import { parseSource, type Source } from './onepassword/source.ts'
import type { CommandName } from './options.ts'
import {
  bothSources,
  clusterIn,
  clusterOptions,
  itemAndField,
  milliseconds,
  output,
  placeOf,
  type RawOptions,
  readOptions,
  storeName,
  text,
  usage,
  withoutUndefined,
} from './raw-options.ts'

/** All that `rotate-token` or `rotate-credentials` was told. */
export interface RotationInputs {
  command: 'rotate-token' | 'rotate-credentials'
  /** Empty for the current one. */
  contexts: string[]
  /** The path of kubeconfigs, with `*` and `?` in the file's name. */
  contextsFrom?: string
  kubeconfig?: string
  expectCluster?: string
  store?: { namespace?: string; name: string }
  credentials?: Source
  token?: Source
  mint: boolean
  /** As `op` takes it: 90d. */
  expiresIn: string
  keepIn?: { vault: string; title: string }
  verifyItem?: { item: string; field?: string }
  all: boolean
  revokeOld: boolean
  check: boolean
  /** Milliseconds. */
  within: number
  takeOwnership: boolean
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
  context: z.array(text).default([]),
  'contexts-from': text.optional(),
  ...clusterOptions,
  store: storeName.optional(),
  credentials: z.string().optional(),
  token: z.string().optional(),
  // Units of op: https://developer.1password.com/docs/cli/reference/management-commands/connect
  'expires-in': z
    .string()
    .regex(/^[1-9]\d*[smhdw]$/, 'must be a duration such as 30d or 12w')
    .default('90d'),
  'keep-in': z
    .string()
    .regex(/^[^/]+\/.+$/, 'must be <vault>/<title>')
    .optional(),
  'verify-item': text.optional(),
  within: milliseconds('such as 14d', '30d'),
  timeout: milliseconds('such as 90s, 10m or 1h30m', '10m'),
  output,
})

/** Flags, then ESO_BOOTSTRAP_*, as one checked value. Throws a Failure with exit `usage`. */
export function parseRotation(command: RotationInputs['command'], raw: RawOptions, at: { env: Environment; cwd: string }): RotationInputs {
  const { said, on } = readOptions(command, raw, at.env, schema)
  const mint = on('mint')
  refuseContradictions(command, raw, { mint, check: on('check') }, said)
  // What is set in the environment is for the runs without --mint.
  const source = (flag: 'credentials' | 'token') => (mint || said[flag] === undefined ? undefined : parseSource(said[flag], `--${flag}`))
  return withoutUndefined<RotationInputs>({
    command,
    contexts: [...new Set(said.context)],
    contextsFrom: said['contexts-from'] === undefined ? undefined : resolve(at.cwd, fromHome(said['contexts-from'], at.env)),
    ...clusterIn(said, at.cwd),
    store: said.store === undefined ? undefined : placeOf(said.store),
    ...bothSources(command, source('credentials'), source('token')),
    mint,
    expiresIn: said['expires-in'],
    keepIn: said['keep-in'] === undefined ? undefined : kept(said['keep-in']),
    verifyItem: said['verify-item'] === undefined ? undefined : itemAndField(said['verify-item']),
    all: on('all'),
    revokeOld: on('revoke-old'),
    check: on('check'),
    within: said.within,
    takeOwnership: on('take-ownership'),
    dryRun: on('dry-run'),
    detailedExitcode: on('detailed-exitcode'),
    timeout: said.timeout,
    yes: on('yes'),
    noInput: on('no-input'),
    output: said.output,
    verbose: on('verbose'),
  })
}

/** What `--check`, which only looks, has no use for: whoever gives it with one of these expects something else. */
const notForCheck = ['mint', 'token', 'expires-in', 'verify-item', 'all', 'revoke-old', 'take-ownership', 'dry-run'] as const

function refuseContradictions(
  command: CommandName,
  raw: RawOptions,
  { mint, check }: { mint: boolean; check: boolean },
  said: z.infer<typeof schema>,
): void {
  const idle = check ? notForCheck.find((flag) => raw[flag] !== undefined) : undefined
  if (idle !== undefined) throw usage(command, `--check only looks: --${idle} is for a run without it.`)
  if (raw.within !== undefined && !check) throw usage(command, '--within is how near --check finds near, and --check is not given.')
  if (mint && (raw.token !== undefined || raw.credentials !== undefined))
    throw usage(command, '--mint makes what --token and --credentials would give: choose one way.')
  if (raw['expires-in'] !== undefined && raw.token !== undefined)
    throw usage(command, '--expires-in is for what --mint makes: a token that is given has its end.')
  if (said['keep-in'] !== undefined && !mint) throw usage(command, '--keep-in keeps what --mint makes, and --mint is not given.')
  if (said['contexts-from'] !== undefined && (said.context.length > 0 || said.kubeconfig !== undefined))
    throw usage(command, '--contexts-from already says which clusters: leave out --context and --kubeconfig.')
}

function kept(said: string): { vault: string; title: string } {
  const slash = said.indexOf('/')
  return { vault: said.slice(0, slash), title: said.slice(slash + 1) }
}

/** Quoted, so that no shell has expanded it. */
function fromHome(path: string, env: Environment): string {
  return path.startsWith('~/') ? resolve(env['HOME'] ?? homedir(), path.slice(2)) : path
}

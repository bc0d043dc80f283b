import { resolve } from 'node:path'
import * as z from 'zod'
import type { Environment } from './child.ts'
import { insideRepo } from './inputs.ts'
import { clusterIn, clusterOptions, output, type RawOptions, readOptions, text, usage, withoutUndefined } from './raw-options.ts'

/** All that `status` was told. */
export interface StatusInputs {
  /** Absolute. */
  repo: string
  path?: string
  context?: string
  kubeconfig?: string
  expectCluster?: string
  short: boolean
  watch: boolean
  write: boolean
  output: 'human' | 'json'
}

const schema = z.object({
  repo: text.default('.'),
  path: text.optional(),
  context: text.optional(),
  ...clusterOptions,
  output,
})

/** Flags, then ESO_BOOTSTRAP_*, as one checked value. Throws a Failure with exit `usage`. */
export function parseStatus(raw: RawOptions, at: { env: Environment; cwd: string }): StatusInputs {
  const { said, on } = readOptions('status', raw, at.env, schema)
  const repo = resolve(at.cwd, said.repo)
  const inputs = withoutUndefined<StatusInputs>({
    repo,
    path: said.path === undefined ? undefined : insideRepo(repo, said.path, '--path', 'status'),
    context: said.context,
    ...clusterIn(said, at.cwd),
    short: on('short'),
    watch: on('watch'),
    write: on('write'),
    output: said.output,
  })
  if (inputs.watch && inputs.output === 'json') throw usage('status', '-o json is one document, and --watch never ends: choose one.')
  if (inputs.short && inputs.output === 'json') throw usage('status', '--short is for people, and -o json for programs: choose one.')
  if (inputs.watch && inputs.write) throw usage('status', '--write writes once, and --watch never ends: choose one.')
  return inputs
}

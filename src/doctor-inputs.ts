import { resolve } from 'node:path'
import * as z from 'zod'
import type { Environment } from './child.ts'
import { insideRepo } from './inputs.ts'
import { clusterIn, clusterOptions, milliseconds, type RawOptions, readOptions, text, usage, withoutUndefined } from './raw-options.ts'

/** All that `doctor` was told. */
export interface DoctorInputs {
  /** Absolute. */
  repo: string
  path?: string
  context?: string
  kubeconfig?: string
  expectCluster?: string
  offline: boolean
  ignore: string[]
  explain?: string
  fix: boolean
  yes: boolean
  /** Milliseconds that one check may take. */
  timeout: number
  output: 'human' | 'json' | 'github' | 'sarif'
  verbose: boolean
}

const schema = z.object({
  repo: text.default('.'),
  path: text.optional(),
  context: text.optional(),
  ...clusterOptions,
  ignore: z.array(text).default([]),
  explain: text.optional(),
  timeout: milliseconds('such as 500ms, 15s or 1m', '15s'),
  output: z.enum(['human', 'json', 'github', 'sarif'], 'must be human, json, github or sarif').default('human'),
})

/** Flags, then ESO_BOOTSTRAP_*, as one checked value. Throws a Failure with exit `usage`. */
export function parseDoctor(raw: RawOptions, at: { env: Environment; cwd: string }): DoctorInputs {
  const { said, on } = readOptions('doctor', raw, at.env, schema)
  const repo = resolve(at.cwd, said.repo)
  const inputs = withoutUndefined<DoctorInputs>({
    repo,
    path: said.path === undefined ? undefined : insideRepo(repo, said.path, '--path', 'doctor'),
    context: said.context,
    ...clusterIn(said, at.cwd),
    offline: on('offline'),
    ignore: said.ignore,
    explain: said.explain,
    fix: on('fix'),
    yes: on('yes'),
    timeout: said.timeout,
    output: said.output,
    verbose: on('verbose'),
  })
  if (inputs.fix && (inputs.output === 'github' || inputs.output === 'sarif'))
    throw usage('doctor', `-o ${inputs.output} says what is wrong, and --fix mends it: choose one.`)
  return inputs
}

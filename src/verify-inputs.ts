import * as z from 'zod'
import type { Environment } from './child.ts'
import {
  clusterIn,
  clusterOptions,
  itemAndField,
  milliseconds,
  namespaceName,
  output,
  placeOf,
  type RawOptions,
  readOptions,
  storeName,
  text,
  usage,
  withoutUndefined,
} from './raw-options.ts'

/** All that `verify` was told. */
export interface VerifyInputs {
  command: 'verify'
  context?: string
  kubeconfig?: string
  expectCluster?: string
  namespace?: string
  store?: { namespace?: string; name: string }
  allStores: boolean
  item?: { item: string; field?: string }
  refresh: boolean
  /** Milliseconds, for each of the things that are waited for. */
  timeout: number
  noInput: boolean
  output: 'human' | 'json'
  verbose: boolean
}

const schema = z.object({
  context: text.optional(),
  ...clusterOptions,
  namespace: namespaceName.optional(),
  store: storeName.optional(),
  item: text.optional(),
  timeout: milliseconds('such as 30s, 10m or 1h30m', '5m'),
  output,
})

/** Flags, then ESO_BOOTSTRAP_*, as one checked value. Throws a Failure with exit `usage`. */
export function parseVerify(raw: RawOptions, at: { env: Environment; cwd: string }): VerifyInputs {
  const { said, on } = readOptions('verify', raw, at.env, schema)
  const inputs = withoutUndefined<VerifyInputs>({
    command: 'verify',
    context: said.context,
    ...clusterIn(said, at.cwd),
    namespace: said.namespace,
    store: said.store === undefined ? undefined : placeOf(said.store),
    allStores: on('all-stores'),
    item: said.item === undefined ? undefined : itemAndField(said.item),
    refresh: on('refresh'),
    timeout: said.timeout,
    noInput: on('no-input'),
    output: said.output,
    verbose: on('verbose'),
  })
  if (inputs.allStores && inputs.store !== undefined)
    throw usage('verify', '--store is one, and --all-stores is every one: choose one way.')
  if (inputs.allStores && inputs.refresh) throw usage('verify', '--refresh waits for one change, through one store: name it with --store.')
  return inputs
}

import { checkbox, confirm, input, select } from '@inquirer/prompts'
import type { Inputs } from '../inputs.ts'
import { secrets } from '../kubernetes/resources.ts'
import { parseVaults, type Vault } from '../manifests/vault.ts'
import type { Places } from '../steps/places.ts'
import { defaultPath } from '../steps/planned-folder.ts'
import { openWorld, type WorldAt } from '../steps/world.ts'
import { asInterruption, type Context, explain, promptCredentials, promptToken, refusal } from './ask-source.ts'
import type { Io } from './io.ts'
import { knownVaults, type Offered } from './known-vaults.ts'

/** Asks for what is missing, and only that: the file, the Secrets and the vaults that are there already are offered. */
export async function ask(inputs: Inputs, places: Places, at: WorldAt & { signal?: AbortSignal | undefined }, io: Io): Promise<Inputs> {
  const context: Context = { output: io.stderr, input: io.stdin, ...(at.signal && { signal: at.signal }) }
  try {
    let answered = await askFolder(inputs, places, context)
    if (!inputs.offline) {
      const world = openWorld(answered, places, at)
      answered = { ...answered, ...(await askCredentials(answered, world, at, context)) }
      answered = { ...answered, ...(await askToken(answered, world, at, context)) }
    }
    answered = { ...answered, ...(await askVaults(answered, openWorld(answered, places, at), at, context)) }
    answered = { ...answered, ...(await askGit(answered, openWorld(answered, places, at), context)) }
    return { ...answered, ...(await askProof(answered, context)) }
  } catch (error) {
    throw asInterruption(error, at.signal)
  }
}

async function askFolder(inputs: Inputs, places: Places, context: Context): Promise<Inputs> {
  if (inputs.scaffold || (await places.folder()) !== undefined) return inputs
  const path = inputs.path ?? defaultPath
  explain(context, 'There is no External Secrets folder that Flux builds.')
  const yes = await confirm({ message: `Write it from the templates, to ${path}?`, default: true }, context)
  return yes ? { ...inputs, path, scaffold: true } : inputs
}

type World = ReturnType<typeof openWorld>

async function askCredentials(inputs: Inputs, world: World, at: WorldAt, context: Context): Promise<Pick<Inputs, 'credentials'>> {
  if (inputs.credentials !== undefined) return {}
  const { connect, namespace } = await world.folder()
  const { name, key } = connect?.credentials ?? { name: 'onepassword-connect-secret', key: '1password-credentials.json' }
  if (await keeps('Credentials:', world, { namespace, name, key }, context)) return {}
  return { credentials: await promptCredentials(at, context, 'init') }
}

async function askToken(inputs: Inputs, world: World, at: WorldAt, context: Context): Promise<Pick<Inputs, 'token'>> {
  if (inputs.token !== undefined) return {}
  const { stores, namespace } = await world.folder()
  const first = stores[0]
  const place = {
    namespace: first?.token.namespace ?? namespace,
    name: first?.token.name ?? 'onepassword-connect-token',
    key: first?.token.key ?? 'token',
  }
  if (await keeps('Token:', world, place, context)) return {}
  return { token: await promptToken(at, context, 'init') }
}

type Place = { namespace: string; name: string; key: string }

async function keeps(message: string, world: World, at: Place, context: Context): Promise<boolean> {
  const found = await (await world.cluster()).get(secrets, at.name, at.namespace)
  if (found?.['data']?.[at.key] === undefined) return false
  const choices = [
    { name: 'keep what it holds', value: true },
    { name: 'give a new value', value: false },
  ]
  explain(context, `The Secret ${at.namespace}/${at.name} is there already.`)
  return select({ message, choices }, context)
}

async function askVaults(inputs: Inputs, world: World, at: WorldAt, context: Context): Promise<Pick<Inputs, 'vaults'> | object> {
  if (inputs.vaults.length > 0) return {}
  const offered = await knownVaults(world, at)
  const picked = offered.length === 0 ? [] : await pick(offered, context)
  if (picked.length > 0) return { vaults: picked }
  explain(context, 'The stores look for items in it; its title or id. Several: with commas, in search order.')
  const said = await input(
    {
      message: 'Vault:',
      validate: (text) => refusal(context, async () => typed(text)),
    },
    context,
  )
  return { vaults: typed(said) }
}

function typed(text: string): Vault[] {
  return parseVaults(text.split(',').map((each) => each.trim()))
}

async function pick(offered: Offered[], context: Context): Promise<Vault[]> {
  const choices = offered.map(({ key, says }) => ({ name: says, value: key }))
  explain(context, 'The stores look for items in these, in this order; choose none to type another.')
  const keys = await checkbox({ message: 'Vaults:', choices }, context)
  return parseVaults(keys)
}

async function askGit(inputs: Inputs, world: World, context: Context): Promise<Pick<Inputs, 'git'> | object> {
  if (inputs.git !== undefined || inputs.offline) return {}
  const { manifests, vaults, components } = await world.edits()
  const files = new Set([...manifests, ...vaults, ...components].map(({ path }) => path)).size
  if (files === 0) return { git: 'push' }
  const choices = [
    { name: 'commit and push', value: 'push' },
    { name: 'commit only', value: 'commit' },
    { name: 'leave them uncommitted', value: 'none' },
  ] as const
  explain(context, `${files === 1 ? 'One file changes' : `${files} files change`}; Flux sees only what is pushed.`)
  return { git: await select({ message: 'Changed files:', choices: [...choices] }, context) }
}

/** It can be done without: who says --yes isn't asked. */
async function askProof(inputs: Inputs, context: Context): Promise<Pick<Inputs, 'verifyItem'> | object> {
  if (
    inputs.yes ||
    inputs.verifyItem !== undefined ||
    inputs.offline ||
    inputs.git !== 'push' ||
    !inputs.reconcile ||
    !inputs.wait ||
    inputs.branch !== undefined
  )
    return {}
  explain(context, 'An item, or item/field, of the vault to prove it with; its value is never shown. Empty: skip.')
  const said = await input({ message: 'Proof:' }, context)
  const item = said.trim()
  if (item === '') return {}
  const slash = item.lastIndexOf('/')
  return { verifyItem: slash <= 0 ? { item } : { item: item.slice(0, slash), field: item.slice(slash + 1) } }
}

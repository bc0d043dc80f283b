import type { Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { tokenIn } from '../../onepassword/token.ts'
import type { Secret } from '../../secret.ts'
import { storedValue } from '../secret.ts'
import { ownerOf } from '../secret-owner.ts'
import { describeToken } from '../token.ts'
import { nameOf, secretOf } from './bridge.ts'
import { goingIn } from './replaced.ts'
import { commandFor, type Old } from './revoke.ts'
import type { Held, RotationWorld } from './world.ts'

/** It is known who uses the token, and nothing but this program writes it. */
export const uses: Step<RotationWorld> = {
  id: 'uses',
  title: 'it is known who uses the token',
  async look(world) {
    const [{ secret, stores }, held] = await Promise.all([world.bridge(), world.held()])
    const what = `Secret ${secret.namespace}/${secret.name}`
    if (held.value === undefined) throw nothingHeld(what, secret.key)
    const owner = held.secret && ownerOf(held.secret)
    if (owner !== undefined) throw owner
    const going = await goingIn(world)
    const { found, unread, unsearched } = await copiesOf(world, going)
    if (found.length > 0 && world.rotation.revokeOld) throw usedElsewhere(found, going)
    if (unread.length > 0 && world.rotation.revokeOld) throw perhapsElsewhere(unread)
    const old = held.token === undefined ? 'what it holds is no Connect token' : `its token ${describeToken(held.token, world.now())}`
    return {
      is: 'already',
      says: `${what} is used by ${stores.map(nameOf).join(', ')}; ${old}`,
      notes: [
        ...(await tracesOf(world)),
        ...(world.rotation.revokeOld ? fateOf(held, going) : []),
        ...found.map((copy) => `${copy} ${whatIsHeld(going)}`),
        ...unread.map((other) => `Whether ${other} holds the same token is not known: this user may not read it.`),
        ...(unsearched ? ['Other namespaces were not searched for copies of the token: this user may not list Secrets there.'] : []),
      ],
    }
  },
}

/** What earlier runs have left that were ended too soon. */
async function tracesOf(world: RotationWorld): Promise<string[]> {
  const [{ unprovenAfter }, servers] = await Promise.all([world.held(), world.unprovenServers()])
  return [
    ...(servers.length === 0 ? [] : ['An earlier run wrote new credentials and was ended before they were proven.']),
    ...(unprovenAfter.length === 0 ? [] : ['An earlier run wrote this token and was ended before it had proven it.']),
  ]
}

/** What --revoke-old does at the end: with --yes nobody is asked for it again. */
function fateOf({ token }: Held, going: readonly Old[]): string[] {
  if (token === undefined || token.server === 'unknown' || token.id === 'unknown')
    return ['What it holds does not tell its id, so that it can not be deleted in 1Password when the new one is proven.']
  return going.map((old) => `When the new one is proven, the old one is deleted in 1Password: ${commandFor(old)}`)
}

function whatIsHeld([first]: readonly Old[]): string {
  if (first?.id !== undefined || first === undefined)
    return 'holds the same token and is not touched: rotate it too, before the old token goes'
  return 'holds a token of the same Connect server and is not touched: Connect refuses it when it has the new credentials'
}

/** Secrets that hold a token which goes: those of other stores, and those of the same name in other namespaces. */
async function copiesOf(world: RotationWorld, going: readonly Old[]) {
  const [cluster, { secret, others }, held, now] = await Promise.all([
    world.cluster(),
    world.bridge(),
    world.held(),
    world.token().catch(() => undefined),
  ])
  const goes = (value: Secret | undefined): boolean => {
    if (value === undefined) return false
    if (held.value?.equals(value)) return now === undefined || !now.value.equals(value)
    const token = tokenIn(value)
    return token !== undefined && going.some(({ id, server }) => (id === undefined ? server === token.server : id === token.id))
  }
  const found = new Set<string>()
  const unread: string[] = []
  for (const store of others) {
    const { namespace, name, key } = secretOf(store)
    const what = `Secret ${namespace}/${name} of ${nameOf(store)}`
    try {
      if (goes(storedValue(await cluster.get(secrets, name, namespace), key))) found.add(what)
    } catch (error) {
      if (!isForbidden(error)) throw error
      unread.push(what)
    }
  }
  let unsearched = false
  try {
    for await (const same of cluster.list(secrets, { fieldSelector: `metadata.name=${secret.name}` })) {
      const { namespace = '' } = same.metadata
      const isOfStore = [...found].some((each) => each.startsWith(`Secret ${namespace}/${secret.name} `))
      if (namespace !== secret.namespace && !isOfStore && goes(storedValue(same, secret.key)))
        found.add(`Secret ${namespace}/${secret.name}`)
    }
  } catch (error) {
    if (!isForbidden(error)) throw error
    unsearched = true
  }
  return { found: [...found], unread, unsearched }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Failure && error.exit === 'refused'
}

function nothingHeld(what: string, key: string): Failure {
  return new Failure({
    id: 'token-secret-missing',
    exit: 'blocked',
    what: `${what} does not exist, or has no key ${key}, so there is nothing to rotate.`,
    fix: 'eso-bootstrap init   (puts the first token there)',
  })
}

function usedElsewhere(copies: readonly string[], [first]: readonly Old[]): Failure {
  const [old, held] = first !== undefined && first.id === undefined ? ['Connect server', 'a token of it'] : ['token', 'it too']
  return new Failure({
    id: 'token-used-elsewhere',
    exit: 'blocked',
    what: `The old ${old} can not be deleted yet: ${copies.join(', ')} ${copies.length === 1 ? 'holds' : 'hold'} ${held}.`,
    why: 'They would stop working the moment it is deleted.',
    fix: ['Rotate them first, each with --store <[namespace/]name>', 'or leave out --revoke-old'],
  })
}

function perhapsElsewhere(unread: readonly string[]): Failure {
  return new Failure({
    id: 'token-perhaps-elsewhere',
    exit: 'refused',
    what: `Whether the old token can be deleted is not known: this user may not read ${unread.join(', ')}, which may hold it too.`,
    why: 'What uses it would stop working the moment it is deleted.',
    fix: ['Let somebody grant get on it', 'or leave out --revoke-old'],
  })
}

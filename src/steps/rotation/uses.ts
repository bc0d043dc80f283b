import type { Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { secrets } from '../../kubernetes/resources.ts'
import type { Secret } from '../../secret.ts'
import { storedValue } from '../secret.ts'
import { ownerOf } from '../secret-owner.ts'
import { describeToken } from '../token.ts'
import { type Bridge, nameOf, secretOf } from './bridge.ts'
import { commandFor } from './revoke.ts'
import type { Held, RotationWorld } from './world.ts'

/** It is known who uses the token, and nothing but this program writes it. */
export const uses: Step<RotationWorld> = {
  id: 'uses',
  title: 'it is known who uses the token',
  async look(world) {
    const [cluster, bridge, held] = await Promise.all([world.cluster(), world.bridge(), world.held()])
    const { secret, stores } = bridge
    const what = `Secret ${secret.namespace}/${secret.name}`
    if (held.value === undefined) throw nothingHeld(what, secret.key)
    const owner = held.secret && ownerOf(held.secret)
    if (owner !== undefined) throw owner
    const { found, unsearched } = await copiesOf(cluster, bridge, held.value)
    if (found.length > 0 && world.rotation.revokeOld) throw usedElsewhere(found)
    const old = held.token === undefined ? 'what it holds is no Connect token' : `its token ${describeToken(held.token, world.now())}`
    return {
      is: 'already',
      says: `${what} is used by ${stores.map(nameOf).join(', ')}; ${old}`,
      notes: [
        ...(held.unprovenAfter === undefined ? [] : ['An earlier run wrote this token and was ended before it had proven it.']),
        ...(world.rotation.revokeOld ? [fateOf(held, world.command)] : []),
        ...found.map((copy) => `${copy} holds the same token and is not touched: rotate it too, before the old token goes`),
        ...(unsearched ? ['Other namespaces were not searched for copies of the token: this user may not list Secrets there.'] : []),
      ],
    }
  },
}

/** What --revoke-old does at the end: with --yes nobody is asked for it again. */
function fateOf({ token }: Held, command: string): string {
  if (token === undefined || token.server === 'unknown' || token.id === 'unknown')
    return 'What it holds does not tell its id, so that it can not be deleted in 1Password when the new one is proven.'
  const old = command === 'rotate-token' ? { id: token.id, server: token.server } : { server: token.server }
  return `When the new one is proven, the old one is deleted in 1Password: ${commandFor(old)}`
}

/** Secrets that hold the same token: those of other stores, and those of the same name in other namespaces. */
async function copiesOf(cluster: Cluster, { secret, others }: Bridge, value: Secret) {
  const held = new Set<string>()
  for (const store of others) {
    const { namespace, name, key } = secretOf(store)
    const other = storedValue(await cluster.get(secrets, name, namespace), key)
    if (other?.equals(value)) held.add(`Secret ${namespace}/${name} of ${nameOf(store)}`)
  }
  let unsearched = false
  try {
    for await (const same of cluster.list(secrets, { fieldSelector: `metadata.name=${secret.name}` })) {
      const { namespace = '' } = same.metadata
      const isOfStore = [...held].some((each) => each.startsWith(`Secret ${namespace}/${secret.name} `))
      if (namespace !== secret.namespace && !isOfStore && storedValue(same, secret.key)?.equals(value))
        held.add(`Secret ${namespace}/${secret.name}`)
    }
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== 'refused') throw error
    unsearched = true
  }
  return { found: [...held], unsearched }
}

function nothingHeld(what: string, key: string): Failure {
  return new Failure({
    id: 'token-secret-missing',
    exit: 'blocked',
    what: `${what} does not exist, or has no key ${key}, so there is nothing to rotate.`,
    fix: 'eso-bootstrap init   (puts the first token there)',
  })
}

function usedElsewhere(copies: readonly string[]): Failure {
  return new Failure({
    id: 'token-used-elsewhere',
    exit: 'blocked',
    what: `The old token can not be deleted yet: ${copies.join(', ')} ${copies.length === 1 ? 'holds' : 'hold'} it too.`,
    why: 'They would stop working the moment it is deleted.',
    fix: ['Rotate them first, each with --store <[namespace/]name>', 'or leave out --revoke-old'],
  })
}

import type { Look, Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import { lookAtSecret } from '../secret.ts'
import { describeToken } from '../token.ts'
import { onOldToken } from './on-old-token.ts'
import { placing } from './placing.ts'
import { isUnproven } from './rotating.ts'
import { marked, type RotationWorld } from './world.ts'

/** The token Secret holds the new token. */
export const replaceToken: Step<RotationWorld> = {
  id: 'token',
  title: 'the token Secret holds the new token',
  async look(world) {
    if ((await world.token()) !== undefined) return lookAtToken(world)
    const { namespace, name } = (await world.bridge()).secret
    return {
      is: 'pending',
      says: `write Secret ${namespace}/${name}`,
      changes: [{ action: 'update', what: `Secret ${namespace}/${name}`, note: 'with the token that is made' }],
      needs: needs(namespace, name),
      async makeItSo(run) {
        const look = await lookAtToken(world)
        return look.is === 'pending' ? look.makeItSo(run) : { says: look.says }
      },
    }
  },
}

async function lookAtToken(world: RotationWorld): Promise<Look> {
  const [{ secret }, held, token] = await Promise.all([world.bridge(), world.held(), world.token()])
  if (token === undefined) throw new Error('there is no new token')
  const look = await lookAtSecret(world, {
    ...secret,
    value: token.value,
    still: held.value,
    same: (stored) => stored.equals(token.value),
    flag: '--token',
    notes: [describeToken(token, world.now()), ...token.notes],
    annotations: marked(held.unprovenAfter, held.token?.id),
  })
  if (look.is === 'pending') return placing(world, { ...look, notes: [] }, () => goOn(world))
  if (!(await isUnproven(world)) && world.rotation.contexts.length < 2 && world.rotation.contextsFrom === undefined) throw sameToken(secret)
  return look
}

/** The stores are asked to go on with the old token. With new credentials Connect doesn't know it: then it is for their undo to ask. */
async function goOn(world: RotationWorld): Promise<void> {
  if (!world.restarted) await onOldToken(world).catch(() => {})
}

function needs(namespace: string, name: string): unknown[] {
  return [{ verb: 'patch', group: '', resource: 'secrets', namespace, name }]
}

function sameToken({ namespace, name }: { namespace: string; name: string }): Failure {
  return new Failure({
    id: 'token-same',
    exit: 'blocked',
    what: `Secret ${namespace}/${name} holds this very token already.`,
    why: 'The new token has to be another one: the source that was named still gives the one that is in use.',
    fix: ['Let op make one: eso-bootstrap rotate-token --mint', 'or make one in 1Password, and name where it is: --token <source>'],
  })
}

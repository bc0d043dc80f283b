import type { Look, Pending, Run, Step } from '../../engine/step.ts'
import { credentials } from '../credentials.ts'
import { awaitReadiness, connectPart } from '../readiness.ts'
import { restart } from '../restart.ts'
import { onOldToken } from './on-old-token.ts'
import type { RotationWorld } from './world.ts'

/** The credentials Secret holds the new credentials, in the encoding that Connect reads. */
export const replaceCredentials: Step<RotationWorld> = {
  id: 'credentials',
  title: 'the credentials Secret holds the new credentials',
  async look(world, earlier) {
    const look = async () => withWayBack(world, await credentials.look(world, earlier))
    if ((await world.credentials()) !== undefined) return look()
    const { connect, namespace } = await world.folder()
    const name = connect?.credentials.name ?? ''
    return {
      is: 'pending',
      says: `write Secret ${namespace}/${name}`,
      changes: [{ action: 'update', what: `Secret ${namespace}/${name}`, note: 'with the credentials that are made' }],
      needs: [{ verb: 'patch', group: '', resource: 'secrets', namespace, name }],
      async makeItSo(run) {
        const found = await look()
        return found.is === 'pending' ? found.makeItSo(run) : { says: found.says }
      },
    }
  },
}

/** When it is taken back, Connect has to read the old credentials again, and the stores have to be asked with Connect as it was. */
function withWayBack(world: RotationWorld, look: Look): Look {
  if (look.is !== 'pending') return look
  const makeItSo: Pending['makeItSo'] = async (run) => {
    const made = await look.makeItSo(run)
    return {
      ...made,
      undo: async () => {
        await made.undo?.()
        if (world.restarted) await connectAsItWas(world).catch(() => {})
      },
    }
  }
  return { ...look, makeItSo }
}

async function connectAsItWas(world: RotationWorld): Promise<void> {
  const { connect, namespace } = await world.folder()
  const run: Run = { signal: AbortSignal.timeout(60_000), say: () => {}, note: () => {} }
  await restart(world, run)
  await awaitReadiness(world, run, connectPart(connect, namespace))
  await onOldToken(world)
}

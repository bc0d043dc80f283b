import type { Look, Run, Step } from '../../engine/step.ts'
import { lookAtCredentials } from '../credentials.ts'
import { awaitReadiness, connectPart } from '../readiness.ts'
import { restart } from '../restart.ts'
import { onOldToken } from './on-old-token.ts'
import { placing } from './placing.ts'
import { marked, type RotationWorld } from './world.ts'

/** The credentials Secret holds the new credentials, in the encoding that Connect reads. */
export const replaceCredentials: Step<RotationWorld> = {
  id: 'credentials',
  title: 'the credentials Secret holds the new credentials',
  async look(world) {
    if ((await world.credentials()) !== undefined) return lookAtNew(world)
    const { connect, namespace } = await world.folder()
    const name = connect?.credentials.name ?? ''
    return {
      is: 'pending',
      says: `write Secret ${namespace}/${name}`,
      changes: [{ action: 'update', what: `Secret ${namespace}/${name}`, note: 'with the credentials that are made' }],
      needs: [{ verb: 'patch', group: '', resource: 'secrets', namespace, name }],
      async makeItSo(run) {
        const found = await lookAtNew(world)
        return found.is === 'pending' ? found.makeItSo(run) : { says: found.says }
      },
    }
  },
}

async function lookAtNew(world: RotationWorld): Promise<Look> {
  const [{ token }, servers] = await Promise.all([world.held(), world.unprovenServers()])
  const look = await lookAtCredentials(world, marked(servers, token?.server))
  return look.is === 'pending' ? placing(world, look, () => connectAsItWas(world)) : look
}

/** Connect reads the old credentials again, and the stores are asked with Connect as it was. */
async function connectAsItWas(world: RotationWorld): Promise<void> {
  if (!world.restarted) return
  const { connect, namespace } = await world.folder()
  const run: Run = { signal: AbortSignal.timeout(60_000), say: () => {}, note: () => {} }
  await restart(world, run)
  await awaitReadiness(world, run, connectPart(connect, namespace))
  await onOldToken(world).catch(() => {})
}

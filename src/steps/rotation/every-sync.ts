import type { Step } from '../../engine/step.ts'
import type { Resource } from '../../kubernetes/object.ts'
import { toWatch } from '../access.ts'
import { settingOf } from '../trouble.ts'
import { someOf } from './external-secrets.ts'
import { forceAll } from './force-all.ts'
import { isRotating } from './rotating.ts'
import type { RotationWorld } from './world.ts'

const group = 'external-secrets.io'
/** For each of them, in milliseconds. */
const patience = 60_000

/** All ExternalSecrets of these stores have synchronised with the new token. */
export const everySync: Step<RotationWorld> = {
  id: 'every-sync',
  title: 'every ExternalSecret has synchronised with the new token',
  async look(world, earlier) {
    if (!(await isRotating(world, earlier))) return { is: 'already', says: 'no ExternalSecret is touched' }
    const { forceable } = await world.survey()
    const what = forceable === 1 ? 'the one ExternalSecret' : `all ${forceable} ExternalSecrets`
    return {
      is: 'pending',
      says: `have ${what} synchronised`,
      changes: [{ action: 'act', what: `have ${what} of these stores synchronised with it` }],
      needs: [...toWatch({ group, resource: 'externalsecrets' }), { verb: 'patch', group, resource: 'externalsecrets' }],
      async makeItSo(run) {
        const [cluster, { stores }, setting] = await Promise.all([world.cluster(), world.bridge(), settingOf(world)])
        const total = Math.max(0, forceable - world.forced.length)
        const done = await forceAll(cluster, await externalSecretsOf(world), {
          ...{ stores, except: world.forced, total, setting },
          deadline: Math.min(patience, world.inputs.timeout),
          tell: (at, of) => run.say(`${bar(at, of)} ${at} of ${of} ExternalSecrets`),
          signal: AbortSignal.any([run.signal, world.signal]),
        })
        const { synced, skipped, wereFailing } = done
        const { count } = wereFailing
        const failing = count === 0 ? [] : [`${count} failed before and still ${count === 1 ? 'does' : 'do'}: ${someOf(wereFailing)}`]
        const all = synced + world.forced.length
        return {
          says: `${all === 1 ? '1 ExternalSecret has' : `${all} ExternalSecrets have`} synchronised with the new token`,
          notes: [
            ...failing,
            ...(skipped === 0 ? [] : [`${skipped} can't be asked to: they go on with the new token when their time comes`]),
          ],
        }
      },
    }
  },
}

/** The kind ExternalSecret, which is served wherever stores are. */
export async function externalSecretsOf(world: Pick<RotationWorld, 'cluster'>): Promise<Resource> {
  const resource = await (await world.cluster()).resource(group, 'ExternalSecret')
  if (resource === undefined) throw new Error('stores without ExternalSecrets')
  return resource
}

const width = 20

function bar(done: number, total: number): string {
  const full = total === 0 ? width : Math.round((done / total) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}

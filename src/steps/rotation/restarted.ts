import type { Step } from '../../engine/step.ts'
import { toWatch } from '../access.ts'
import { awaitReadiness, connectPart } from '../readiness.ts'
import { isReplaced, restart } from '../restart.ts'
import type { RotationWorld } from './world.ts'

/** Connect runs with the new credentials: it reads them only when it starts. */
export const restarted: Step<RotationWorld> = {
  id: 'restarted',
  title: '1Password Connect runs with the new credentials',
  async look(world, earlier) {
    const { connect, namespace } = await world.folder()
    const parts = connectPart(connect, namespace)
    const isOfEarlier = (await world.unprovenServers()).length > 0
    if (!isOfEarlier && !isReplaced(await earlier('credentials'))) return { is: 'already', says: 'Connect has these credentials already' }
    return {
      is: 'pending',
      says: 'restart 1Password Connect',
      changes: [
        {
          action: 'update',
          what: `Deployment ${namespace}/${connect?.name}`,
          note: `restarted, pod by pod, by an annotation of its pod template${isOfEarlier ? ': an earlier run may have been ended before it did so' : ''}`,
        },
      ],
      needs: parts.flatMap(({ of, at }) => [...toWatch({ ...of, ...at }), { verb: 'patch', ...of, ...at }]),
      async makeItSo(run) {
        world.restarted = true
        await restart(world, run)
        await awaitReadiness(world, { ...run, signal: AbortSignal.any([run.signal, world.signal]) }, parts)
        return { says: 'Connect runs with the new credentials' }
      },
    }
  },
}

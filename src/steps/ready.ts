import type { Step } from '../engine/step.ts'
import { awaitReadiness, parts, readinessNeeds, unready } from './readiness.ts'
import { isReplaced, restartConnect, restartNeeds } from './restart.ts'
import { touch } from './revalidate.ts'
import type { World } from './world.ts'

/** The operator, its API and webhook, Connect and the stores are Ready. */
export const ready: Step<World> = {
  id: 'ready',
  title: 'the operator, Connect and the stores are Ready',
  async look(world, earlier) {
    const [reconcile, credentials, token] = await Promise.all(['reconcile', 'credentials', 'token'].map(earlier))
    if (reconcile?.is === 'skipped') return { is: 'skipped', says: 'nothing to wait for: Flux is not asked', weaker: true }
    if (!world.inputs.wait) return { is: 'skipped', says: 'not waited for: --no-wait', weaker: true }
    const changed = [reconcile, credentials, token].some((look) => look?.is === 'pending')
    const late = await unready(world)
    if (!changed && late.length === 0) return { is: 'already', says: (await parts(world)).map(({ says }) => says).join(', ') }
    // Flux waits for Connect, so that Connect is restarted before Flux is asked, if it is.
    const restarts = reconcile?.is === 'pending' ? undefined : credentials
    return {
      is: 'pending',
      says: 'wait until everything is Ready',
      changes: [{ action: 'act', what: `wait until ${(await parts(world)).map(({ says }) => says).join(', ')} are Ready` }],
      needs: [...(await readinessNeeds(world)), ...(await needs(world)), ...(await restartNeeds(world, restarts))],
      async makeItSo(run) {
        await restartConnect(world, restarts, run)
        if (isReplaced(credentials) || isReplaced(token)) await Promise.all((await parts(world)).map((part) => touch(world, part)))
        await awaitReadiness(world, run)
        return { says: 'the operator, Connect and the stores are Ready' }
      },
    }
  },
}

async function needs(world: World): Promise<unknown[]> {
  const { stores, namespace } = await world.folder()
  const group = 'external-secrets.io'
  return stores.map(({ kind, namespace: own }) =>
    kind === 'SecretStore'
      ? { verb: 'patch', group, resource: 'secretstores', namespace: own ?? namespace }
      : { verb: 'patch', group, resource: 'clustersecretstores' },
  )
}

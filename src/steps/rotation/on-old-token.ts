import { isReady } from '../../kubernetes/object.ts'
import { until } from '../../kubernetes/wait.ts'
import { storeParts } from '../readiness.ts'
import { externalSecretsOf } from './every-sync.ts'
import { forceAgain } from './force-again.ts'
import { wordOfOperator } from './word-of-operator.ts'
import type { RotationWorld } from './world.ts'

/** Nobody waits longer for the way back: what isn't Ready by then becomes so by itself, within minutes. */
const patience = 15_000

/** The old token is back: the stores are asked again with it, and then the ExternalSecrets that aren't Ready. */
export async function onOldToken(world: RotationWorld): Promise<void> {
  const [cluster, { stores, secret }] = await Promise.all([world.cluster(), world.bridge()])
  const signal = AbortSignal.timeout(patience)
  await Promise.all(
    storeParts(stores, secret.namespace).map(async (part) => {
      const resource = await part.resource(cluster)
      if (resource === undefined || (await wordOfOperator(world, part, { signal, deadline: patience })) === undefined) return
      await until(cluster, resource, part.at, (object) => (isReady(object) ? true : undefined), { signal, deadline: patience })
    }),
  )
  await forceAgain(cluster, await externalSecretsOf(world), stores, signal)
}

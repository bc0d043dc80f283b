import { setTimeout as after } from 'node:timers/promises'
import type { Run, Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import { eventSince } from '../../kubernetes/events.ts'
import { isReady } from '../../kubernetes/object.ts'
import { writtenBy } from '../../kubernetes/owners.ts'
import { until } from '../../kubernetes/wait.ts'
import { recognise } from '../../onepassword/troubles.ts'
import { toWatch } from '../access.ts'
import { type Part, storeParts } from '../readiness.ts'
import { touch } from '../revalidate.ts'
import { settingOf } from '../trouble.ts'
import { isYoung } from './acceptable.ts'
import { isRotating } from './rotating.ts'
import type { RotationWorld } from './world.ts'

/** How long the operator may take to tell what it found; its events are kept back when there are many. */
const wordOfOperator = 10_000

/**
 * How long an old token may be refused, in milliseconds: it doesn't become good any more, and meanwhile nothing is synchronised.
 * Longer than a second, for what is told may be of the same second, before the token was written.
 */
const enoughForOld = 2_000

/** Every store that uses the Secret has been validated with the new token. */
export const revalidated: Step<RotationWorld> = {
  id: 'revalidated',
  title: 'the stores are valid with the new token',
  async look(world, earlier) {
    const { stores, secret } = await world.bridge()
    const all = storeParts(stores, secret.namespace)
    const names = all.map(({ says }) => says).join(', ')
    if (!(await isRotating(world, earlier))) return { is: 'already', says: `${names}: not touched` }
    return {
      is: 'pending',
      says: `validate ${names}`,
      changes: [{ action: 'act', what: `have ${names} validated with it` }],
      needs: all.flatMap(({ of, at }) => [...toWatch({ ...of, ...at }), { verb: 'patch', ...of, ...at }]),
      async makeItSo(run) {
        run.say(`waiting for ${names}`)
        const signal = AbortSignal.any([run.signal, world.signal])
        await Promise.all(all.map((part) => validated(world, part, { ...run, signal })))
        return { says: `${names}: valid with the new token` }
      },
    }
  },
}

/** Has one store validated until it is Ready, or a cause is known that has outlasted the time in which it might heal. */
async function validated(world: RotationWorld, part: Part, { signal }: Pick<Run, 'signal'>): Promise<void> {
  const cluster = await world.cluster()
  const token = await world.token()
  const mayHeal = world.restarted || token === undefined || isYoung(token, world.now())
  const began = Date.now()
  for (let pause = 1_000; ; pause = Math.min(2 * pause, 15_000)) {
    const store = await touch(world, part)
    const since = store && writtenBy(store, 'eso-bootstrap')
    const told = store && (await eventSince(cluster, store, since ?? began, { signal, deadline: wordOfOperator }))
    if (store !== undefined && told?.type !== 'Warning') break
    const trouble = recognise(told === undefined ? [] : [told.message], await settingOf(world))
    const waited = Date.now() - began
    if (trouble !== undefined && waited >= (mayHeal ? trouble.patience : enoughForOld)) throw new Failure(trouble)
    if (waited >= world.inputs.timeout) throw notValidated(part, told?.message)
    await after(pause, undefined, { signal })
  }
  const resource = await part.resource(cluster)
  if (resource === undefined) throw notValidated(part, 'its kind is not served any more')
  await until(cluster, resource, part.at, (object) => (isReady(object) ? true : undefined), { signal, deadline: world.inputs.timeout })
}

function notValidated(part: Part, said: string | undefined): Failure {
  return new Failure({
    id: 'not-ready',
    exit: 'partly',
    what: `${part.says} was not validated with the new token in time.`,
    why: said === undefined ? 'Nothing was reported about it.' : `The last that was said of it: ${said}`,
    fix: 'kubectl get events -A --field-selector type=Warning',
  })
}

import { setTimeout as after } from 'node:timers/promises'
import type { Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { until } from '../../kubernetes/wait.ts'
import { recognise } from '../../onepassword/troubles.ts'
import { toWatch } from '../access.ts'
import { type Part, storeParts } from '../readiness.ts'
import { settingOf } from '../trouble.ts'
import { isYoung } from './acceptable.ts'
import { nameOf } from './bridge.ts'
import { isRotating } from './rotating.ts'
import { sideBySide } from './side-by-side.ts'
import { wordOfOperator } from './word-of-operator.ts'
import type { RotationWorld } from './world.ts'

/** How long the operator may take to tell what it found. */
const patience = 10_000
const aMoment = 2_000

/**
 * How long an old token may be refused, in milliseconds: it doesn't become good any more, and meanwhile nothing is synchronised.
 * More than one validation, for what is told may be of one that began before the token was written.
 */
const enoughForOld = 2_000

/** Every store that uses the Secret has been validated with the new token. */
export const revalidated: Step<RotationWorld> = {
  id: 'revalidated',
  title: 'the stores are valid with the new token',
  async look(world, earlier) {
    const { stores, secret } = await world.bridge()
    const all = storeParts(stores, secret.namespace)
    const names = stores.map(nameOf).join(', ')
    if (!(await isRotating(world, earlier))) return { is: 'already', says: `${names}: not touched` }
    return {
      is: 'pending',
      says: `validate ${names}`,
      changes: [{ action: 'act', what: `have ${names} validated with it` }],
      needs: all.flatMap(({ of, at }) => [...toWatch({ ...of, ...at }), { verb: 'patch', ...of, ...at }]),
      async makeItSo(run) {
        run.say(`waiting for ${names}`)
        const signal = AbortSignal.any([run.signal, world.signal])
        const untold: string[] = []
        await sideBySide(all, signal, async (part, own) => {
          if ((await validated(world, part, own)) === 'untold') untold.push(part.says)
        })
        const notes = untold.map((store) => `${store} is Ready; that it was validated anew was not told`)
        return { says: `${names}: valid with the new token`, notes }
      },
    }
  },
}

/** Has one store validated until it is Ready, or a cause is known that has outlasted the time in which it might heal. */
async function validated(world: RotationWorld, part: Part, signal: AbortSignal): Promise<'told' | 'untold'> {
  const token = await world.token()
  const mayHeal = world.restarted || token === undefined || isYoung(token, world.now())
  const began = Date.now()
  for (let pause = 1_000; ; pause = Math.min(2 * pause, 15_000)) {
    const word = await wordOfOperator(world, part, { signal, deadline: patience })
    const told = word?.told
    if (word !== undefined && told?.type !== 'Warning' && (await isReadySoon(world, part, signal)))
      return told === undefined ? 'untold' : 'told'
    const trouble = recognise(told === undefined ? [] : [told.message], await settingOf(world))
    const waited = Date.now() - began
    const isLate = waited >= world.inputs.timeout
    if (trouble !== undefined && (isLate || waited >= (mayHeal ? trouble.patience : enoughForOld))) throw new Failure(trouble)
    if (isLate) throw notValidated(part, told?.message)
    await after(Math.min(pause, world.inputs.timeout - waited), undefined, { signal })
  }
}

/** What the operator has said it writes into the store a moment later. */
async function isReadySoon(world: RotationWorld, part: Part, signal: AbortSignal): Promise<boolean> {
  const cluster = await world.cluster()
  const resource = await part.resource(cluster)
  if (resource === undefined) return false
  try {
    const isNow = (object: KubernetesObject | undefined) => (isReady(object) ? true : undefined)
    return await until(cluster, resource, part.at, isNow, { signal, deadline: aMoment })
  } catch (error) {
    if (error instanceof Failure && error.id === 'wait-deadline') return false
    throw error
  }
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

import { Failure } from '../failure.ts'
import { lastEvents } from '../kubernetes/events.ts'
import { condition, type KubernetesObject } from '../kubernetes/object.ts'
import { runsConnect } from '../manifests/consumer.ts'
import { recognise, type Setting, type Trouble } from '../onepassword/troubles.ts'
import { plain } from '../text/plain.ts'
import { quote } from '../text/quote.ts'
import type { Problem } from './found.ts'
import { containersOf, podsOf } from './workload.ts'
import type { StatusWorld } from './world.ts'

/** What says only that Connect doesn't serve; its log knows more. */
const vague = new Set(['connect-failing', 'connect-not-answering', 'token-refused'])

/** Why the operator can't use a store or fill an ExternalSecret: the newest that it said of it, and what Connect's log knows besides. */
export async function causeOf(
  world: StatusWorld,
  object: KubernetesObject,
  setting: Setting,
): Promise<Pick<Problem, 'id' | 'why' | 'fix'>> {
  const [newest] = await lastEvents(world.cluster, object, 1)
  const { message, reason } = condition(object, 'Ready') ?? {}
  const texts = [...(newest?.type === 'Warning' ? [newest.message] : []), ...(message ? [quote(message)] : [])]
  const trouble = await troubleIn(world, texts, { ...setting, elsewhere: true })
  if (trouble !== undefined) return trouble
  const [text = ''] = texts
  const name = `${object.kind.toLowerCase()} ${object.metadata.name}${object.metadata.namespace ? ` -n ${object.metadata.namespace}` : ''}`
  return {
    id: 'not-ready',
    why: text === '' ? `It is not Ready${reason ? ` (${reason})` : ''}, and does not say why.` : quote(text, 200),
    fix: [`kubectl describe ${name}`],
  }
}

/** The cause behind texts of the operator's; where they only say that Connect doesn't serve, its log is asked. */
export async function troubleIn(
  world: StatusWorld,
  texts: readonly string[],
  setting: Setting,
): Promise<Pick<Problem, 'id' | 'why' | 'fix'> | undefined> {
  const told = knownCause(texts, setting)
  const logged = told === undefined || vague.has(told.id) ? knownCause(await connectLog(world), setting) : undefined
  const trouble = logged !== undefined && !vague.has(logged.id) ? logged : told
  return trouble && { id: trouble.id, why: trouble.what, fix: [trouble.fix ?? []].flat() }
}

/** As `init` would tell it; but a token is replaced by a rotation, and the item of an ExternalSecret isn't one that is given to `init`. */
export function knownCause(texts: readonly string[], setting: Setting): Trouble | undefined {
  const trouble = recognise(texts, { ...setting, command: 'init' })
  return trouble !== undefined && /^(token-(?!secret-missing)|item-|field-)/.test(trouble.id)
    ? recognise(texts, { ...setting, command: 'rotate-token' })
    : trouble
}

/** The last lines of Connect's containers, the newest first; none where reading them isn't permitted. */
async function connectLog(world: StatusWorld): Promise<string[]> {
  try {
    const running = (await world.deployments()).filter((each) => runsConnect(each))
    const lines = running.map(async (deployment) => {
      const found = await podsOf(world, deployment)
      const logs = found.flatMap(({ metadata: { namespace = '', name } }) =>
        containersOf(deployment).map((each) => world.cluster.log({ namespace, name, container: String(each['name']) }, 20)),
      )
      return (await Promise.all(logs)).flatMap(
        (log) =>
          log
            ?.split('\n')
            .toReversed()
            .map((line) => plain(line, 2_000)) ?? [],
      )
    })
    return (await Promise.all(lines)).flat()
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
}

import { runsConnect } from '../../manifests/consumer.ts'
import { lookAtConnect } from '../../status/connect.ts'
import type { Found, Problem } from '../../status/found.ts'
import { lookAtStores } from '../../status/stores.ts'
import { lookAtTokens, nothingToAsk, type TokenFacts } from '../../status/tokens.ts'
import type { Finding, NotSeen } from '../check.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'

/** What `status` knows of each, looked at once. */
export const tokensTold = shared((world: DoctorWorld) => lookAtTokens(world.live))
export const connectTold = shared((world: DoctorWorld) => lookAtConnect(world.live))
export const storesTold = shared((world: DoctorWorld) => lookAtStores(world.live))

/** The Deployments that run Connect here. */
export const connectDeployments = shared(async ({ live }: DoctorWorld) => (await live.deployments()).filter((each) => runsConnect(each)))

/** Of these problems the ones with these ids, as findings; and what could not be looked at. */
export function findingsOf({ problems = [], unseen = [] }: Found<unknown>, ...ids: readonly string[]): (Finding | NotSeen)[] {
  const some = problems.filter(({ id }) => ids.includes(id))
  return [...some.map(findingOf), ...unseen.map(({ section, why }) => ({ notSeen: section, why }))]
}

/** A log is read only where Connect was asked, and says nothing of one that wasn't. */
export function unasked({ facts = [] }: Found<TokenFacts[]>): NotSeen[] {
  return facts.flatMap(({ connect, secret }) =>
    connect.is === 'not-asked' && connect.why !== nothingToAsk
      ? [{ notSeen: nameOfSecret(secret), why: `Connect could not be asked: ${connect.why}.` }]
      : [],
  )
}

function findingOf({ about, why, fix }: Problem): Finding {
  return { about: about.join(', '), why, fix }
}

export function nameOfSecret({ namespace, name }: TokenFacts['secret']): string {
  return `Secret ${namespace}/${name}`
}

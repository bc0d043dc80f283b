import { setTimeout as after } from 'node:timers/promises'
import type { Look, Run, Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import { grouped } from '../../grouped.ts'
import { type Answer, listVaults, wrongWith } from '../../onepassword/connect.ts'
import type { ConnectToken } from '../../onepassword/token.ts'
import { recognise } from '../../onepassword/troubles.ts'
import { plain } from '../../text/plain.ts'
import { connectPod, untried } from '../connect-pod.ts'
import { connectPart } from '../readiness.ts'
import { troubleOf } from '../trouble.ts'
import { isYoung, refuseUnfit, vaultsOf } from './acceptable.ts'
import { nameOf, type Store } from './bridge.ts'
import type { RotationWorld } from './world.ts'

const patience = 60_000
const longestPause = 5_000

/** The new token is fit to take the place of the old one, and Connect accepts it already. */
export const trial: Step<RotationWorld> = {
  id: 'trial',
  title: '1Password Connect accepts the new token',
  async look(world) {
    const token = await world.token()
    if (token === undefined) return later(world)
    await refuse(world, token)
    return tried(world, token)
  },
}

/** The new pair is fit, and Connect accepts the token when it has been restarted with the new credentials. */
export const trialOfPair: Step<RotationWorld> = {
  id: 'trial',
  title: '1Password Connect accepts the new token',
  async look(world) {
    const token = await world.token()
    if (token !== undefined) await refuse(world, token)
    return later(world)
  },
}

/** What can't be tried before something is written. */
function later(world: RotationWorld): Look {
  return {
    is: 'pending',
    says: 'try the new token on Connect',
    changes: [],
    async makeItSo(run) {
      const token = await world.token()
      if (token === undefined) throw new Error('there is no new token')
      await refuse(world, token)
      return { says: (await tried(world, token, run)).says }
    },
  }
}

async function refuse(world: RotationWorld, token: ConnectToken): Promise<void> {
  const [{ stores }, held] = await Promise.all([world.bridge(), world.held()])
  refuseUnfit(token, { held, stores, newServer: world.command === 'rotate-credentials' })
}

async function tried(world: RotationWorld, token: ConnectToken, run?: Pick<Run, 'say'>): Promise<Look> {
  const { stores } = await world.bridge()
  const closed: string[] = []
  let vaults = 0
  for (const group of grouped(stores, ({ connectHost }) => connectHost)) {
    const answer = await ask(world, token, group, run)
    if ('why' in answer) closed.push(answer.why)
    else vaults = Math.max(vaults, answer.vaults.length)
  }
  if (closed.length > 0) return { is: 'skipped', says: `not tried on Connect: ${closed[0]}; the synchronisation alone has to prove it` }
  return { is: 'already', says: `Connect accepts the new token: it reads ${vaults === 1 ? 'one vault' : `${vaults} vaults`}` }
}

type Accepted = Extract<Answer, { is: 'accepted' }>

/** Asks until Connect accepts the token and it reads all vaults, for as long as that may still come. Throws a Failure. */
async function ask(
  world: RotationWorld,
  token: ConnectToken,
  stores: readonly [Store, ...Store[]],
  run?: Pick<Run, 'say'>,
): Promise<Accepted | { why: string }> {
  const cluster = await world.cluster()
  const [store] = stores
  const from = { namespace: (await world.bridge()).secret.namespace, signal: world.signal }
  const pod = await connectPod(cluster, store.connectHost, from)
  if ('why' in pod) return pod
  const { signal } = world
  // A Connect that has just been started takes its first token for a stranger's.
  const mayBecomeGood = world.restarted || isYoung(token, world.now())
  const began = Date.now()
  for (let pause = 1_000; ; pause = Math.min(2 * pause, longestPause)) {
    const answer = await listVaults(() => cluster.forward(pod, signal), token.value, { deadline: 15_000, signal }).catch(untried)
    if ('why' in answer) return answer
    const wrong = wrongWith(answer, vaultsOf(stores))
    if (wrong === undefined && answer.is === 'accepted') return answer
    const mayHeal = answer.is === 'failing' || (answer.is !== 'not-connect' && mayBecomeGood)
    const waited = Date.now() - began
    const logged = mayHeal && world.restarted ? await loggedTrouble(world) : undefined
    if (logged !== undefined && waited >= logged.patience) throw new Failure(logged)
    if (!mayHeal || waited + pause > Math.min(patience, world.inputs.timeout))
      throw wrong === undefined ? notConnect(store) : asFailure(wrong, world, token, stores)
    run?.say('Connect does not accept the token yet: asking again')
    await after(pause, undefined, { signal })
  }
}

/** Connect knows soon that credentials and token don't belong together, and says so only in its log. */
async function loggedTrouble(world: RotationWorld) {
  const { connect, namespace } = await world.folder()
  return troubleOf(world, connectPart(connect, namespace))
}

function asFailure(text: string, world: RotationWorld, token: ConnectToken, stores: readonly Store[]): Failure {
  const trouble = recognise([text], { command: world.command, server: token.server, vaults: vaultsOf(stores) })
  if (trouble === undefined) throw new Error(`no trouble is known for ${text}`)
  // Nothing was written yet.
  return new Failure({ ...trouble, exit: trouble.exit === 'partly' ? 'blocked' : trouble.exit })
}

function notConnect(store: Store): Failure {
  return new Failure({
    id: 'connect-host-not-connect',
    exit: 'blocked',
    what: `What answers at ${plain(store.connectHost)} is not 1Password Connect.`,
    why: `${nameOf(store)} names it as its connectHost. The API of Connect has port 8080; connect-sync has another one and no API.`,
    fix: 'kubectl get services,endpointslices -A',
  })
}

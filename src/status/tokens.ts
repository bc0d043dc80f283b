import { grouped } from '../grouped.ts'
import { secrets } from '../kubernetes/resources.ts'
import { podBehind } from '../kubernetes/service-pod.ts'
import { type Answer, listVaults, wrongWith } from '../onepassword/connect.ts'
import { type Standing, standingOf } from '../onepassword/expiry.ts'
import { type ConnectToken, tokenIn } from '../onepassword/token.ts'
import { untried } from '../steps/connect-pod.ts'
import { vaultsOf } from '../steps/rotation/acceptable.ts'
import { storedValue } from '../steps/secret.ts'
import { plain } from '../text/plain.ts'
import { troubleIn } from './evidence.ts'
import { type Found, look, type Problem } from './found.ts'
import { knownStores, type LiveStore, type StatusWorld, tokenOf } from './world.ts'

export interface TokenFacts {
  secret: { namespace: string; name: string; key: string }
  stores: string[]
  state: Standing | 'unreadable' | 'missing'
  id?: string
  /** ISO 8601. */
  expires?: string
  /** Titles where Connect told them, else ids as the token lists them. */
  vaults?: string[]
  /** What Connect says of it, asked through a port-forward. */
  connect: { is: 'accepted' | 'refused' | 'failing' | 'not-connect' } | { is: 'not-asked'; why: string }
}

/** Why Connect isn't asked about a token that is none, or has expired. */
export const nothingToAsk = 'there is nothing to ask about'

const soon = 30 * 86_400_000
const deadline = 5_000

/** Every Secret that a 1Password store takes its token from: how long the token is valid, and whether Connect accepts it now. */
export async function lookAtTokens(world: StatusWorld): Promise<Found<TokenFacts[]>> {
  const groups = grouped(await knownStores(world), (store) => JSON.stringify(tokenOf(store)))
  const found = await Promise.all(groups.map((stores) => look('tokens', () => lookAt(world, stores))))
  const facts = found.flatMap((each) => each.facts ?? [])
  const missing = found.flatMap((each) => each.unseen ?? [])
  return {
    ...((facts.length > 0 || missing.length === 0) && { facts }),
    problems: found.flatMap((each) => each.problems ?? []),
    unseen: missing,
  }
}

async function lookAt(world: StatusWorld, stores: readonly [LiveStore, ...LiveStore[]]): Promise<Found<TokenFacts>> {
  const [first] = stores
  const secret = tokenOf(first)
  const about = { secret, stores: stores.map(({ says }) => says) }
  const [object, pod] = await Promise.all([
    world.cluster.get(secrets, secret.name, secret.namespace, world.signal),
    podBehind(world.cluster, first.connectHost, { namespace: secret.namespace, signal: world.signal }).catch(untried),
  ])
  const value = storedValue(object, secret.key)
  const token = value && tokenIn(value)
  const state = token === undefined ? (value === undefined ? 'missing' : 'unreadable') : standingOf(token, world.now, soon)
  const answer = token === undefined || state === 'expired' ? undefined : 'why' in pod ? pod : await ask(world, pod, token)
  const vaults = readableBy(answer, token)
  const facts: TokenFacts = {
    ...about,
    state,
    ...(token && { id: token.id }),
    ...(token?.expires && { expires: token.expires.toISOString() }),
    ...(vaults && { vaults }),
    connect: answer === undefined ? { is: 'not-asked', why: nothingToAsk } : answerOf(answer),
  }
  const text = answer === undefined || 'why' in answer ? undefined : wrongWith(answer, vaultsOf(stores))
  const trouble = text === undefined ? undefined : await troubleIn(world, [text], { vaults: vaultsOf(stores) })
  return {
    facts,
    problems: [...expiryOf(facts), ...(trouble ? [{ severity: 'broken' as const, about: [nameOf(secret)], ...trouble }] : [])],
  }
}

type Reply = Answer | { why: string }

async function ask({ cluster, signal }: StatusWorld, pod: Parameters<typeof cluster.forward>[0], token: ConnectToken): Promise<Reply> {
  return listVaults(() => cluster.forward(pod, signal), token.value, { deadline, signal }).catch(untried)
}

function answerOf(answer: Reply): TokenFacts['connect'] {
  return 'why' in answer ? { is: 'not-asked', why: answer.why } : { is: answer.is }
}

function readableBy(answer: Reply | undefined, token: ConnectToken | undefined): string[] | undefined {
  if (answer !== undefined && 'vaults' in answer) return answer.vaults.map(({ name }) => plain(name, 100))
  return token?.vaults.map(({ id }) => id)
}

const renew = ['eso-bootstrap rotate-token --mint', 'eso-bootstrap rotate-token --token <source>']

/** What is wrong with the token as it stands, whatever Connect says. */
function expiryOf({ secret, state, expires = '' }: TokenFacts): Problem[] {
  const day = expires.slice(0, 10)
  const tell = (id: string, why: string, fix: string[], severity: Problem['severity'] = 'broken') => [
    { id, severity, about: [nameOf(secret)], why, fix },
  ]
  switch (state) {
    case 'missing':
      return tell('token-secret-missing', `It does not exist, or has no key ${secret.key}.`, ['eso-bootstrap init --token <source>'])
    case 'unreadable':
      return tell('token-unreadable', `What it holds under ${secret.key} is no Connect token.`, renew.slice(1))
    case 'expired':
      return tell('token-expired', `The token expired on ${day}; Connect refuses it.`, renew)
    case 'expiring':
      return tell('token-expiring', `The token expires on ${day}.`, renew, 'warning')
    default:
      return []
  }
}

function nameOf({ namespace, name }: TokenFacts['secret']): string {
  return `Secret ${namespace}/${name}`
}

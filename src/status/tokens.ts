import { Failure } from '../failure.ts'
import { secrets } from '../kubernetes/resources.ts'
import { podBehind } from '../kubernetes/service-pod.ts'
import { type Answer, listVaults } from '../onepassword/connect.ts'
import { type ConnectToken, tokenIn } from '../onepassword/token.ts'
import { storedValue } from '../steps/secret.ts'
import { plain } from '../text/plain.ts'
import { troubleIn } from './evidence.ts'
import { type Found, look, type Problem } from './found.ts'
import { knownStores, type LiveStore, type StatusWorld, tokenOf } from './world.ts'

export interface TokenFacts {
  secret: { namespace: string; name: string; key: string }
  stores: string[]
  state: 'valid' | 'expiring' | 'expired' | 'endless' | 'unreadable' | 'missing'
  id?: string
  /** ISO 8601. */
  expires?: string
  /** Titles where Connect told them, else ids as the token lists them. */
  vaults?: string[]
  /** What Connect says of it, asked through a port-forward. */
  connect: { is: 'accepted' | 'refused' | 'failing' | 'not-connect' } | { is: 'not-asked'; why: string }
}

const soon = 30 * 86_400_000
const deadline = 5_000

/** Every Secret that a 1Password store takes its token from: how long the token is valid, and whether Connect accepts it now. */
export async function lookAtTokens(world: StatusWorld): Promise<Found<TokenFacts[]>> {
  const groups = new Map<string, LiveStore[]>()
  for (const store of await knownStores(world)) {
    const key = JSON.stringify(tokenOf(store))
    groups.set(key, [...(groups.get(key) ?? []), store])
  }
  const found = await Promise.all([...groups.values()].map((stores) => look('tokens', () => lookAt(world, stores))))
  const facts = found.flatMap((each) => each.facts ?? [])
  const missing = found.flatMap((each) => each.unseen ?? [])
  return {
    ...((facts.length > 0 || missing.length === 0) && { facts }),
    problems: found.flatMap((each) => each.problems ?? []),
    unseen: missing,
  }
}

async function lookAt(world: StatusWorld, stores: readonly LiveStore[]): Promise<Found<TokenFacts>> {
  const [first] = stores
  if (first === undefined) throw new Error('a Secret without a store')
  const secret = tokenOf(first)
  const about = { secret, stores: stores.map(({ says }) => says) }
  const [object, pod] = await Promise.all([
    world.cluster.get(secrets, secret.name, secret.namespace, world.signal),
    podBehind(world.cluster, first.connectHost, { namespace: secret.namespace, signal: world.signal }).catch(closed),
  ])
  const value = storedValue(object, secret.key)
  const token = value && tokenIn(value)
  const state = stateOf(value === undefined ? 'missing' : 'unreadable', token, world.now)
  const answer = token === undefined || state === 'expired' ? undefined : 'why' in pod ? pod : await ask(world, pod, token)
  const vaults = vaultsOf(answer, token)
  const facts: TokenFacts = {
    ...about,
    state,
    ...(token && { id: token.id }),
    ...(token?.expires && { expires: token.expires.toISOString() }),
    ...(vaults && { vaults }),
    connect: answer === undefined ? { is: 'not-asked', why: 'there is nothing to ask about' } : answerOf(answer),
  }
  const text = answer === undefined || 'why' in answer ? undefined : textOf(answer, stores)
  const trouble = text === undefined ? undefined : await troubleIn(world, [text], { vaults: keysOf(stores) })
  return {
    facts,
    problems: [...expiryOf(facts), ...(trouble ? [{ severity: 'broken' as const, about: [nameOf(secret)], ...trouble }] : [])],
  }
}

function stateOf(without: 'missing' | 'unreadable', token: ConnectToken | undefined, now: Date): TokenFacts['state'] {
  if (token === undefined) return without
  if (token.expires === undefined) return 'endless'
  const left = token.expires.getTime() - now.getTime()
  return left <= 0 ? 'expired' : left <= soon ? 'expiring' : 'valid'
}

type Reply = Answer | { why: string }

async function ask({ cluster, signal }: StatusWorld, pod: Parameters<typeof cluster.forward>[0], token: ConnectToken): Promise<Reply> {
  return listVaults(() => cluster.forward(pod, signal), token.value, { deadline, signal }).catch(closed)
}

/** No answer came: a way that is closed says nothing of the token. */
function closed(error: unknown): { why: string } {
  if (error instanceof Failure) return { why: error.message.replace(/\.$/, '') }
  throw error
}

function answerOf(answer: Reply): TokenFacts['connect'] {
  return 'why' in answer ? { is: 'not-asked', why: answer.why } : { is: answer.is }
}

function vaultsOf(answer: Reply | undefined, token: ConnectToken | undefined): string[] | undefined {
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

/** What the operator would say of this answer, in its own words. */
function textOf(answer: Answer, stores: readonly LiveStore[]): string | undefined {
  if (answer.is === 'refused') return answer.status === 401 ? 'status 401: Invalid bearer token' : `status ${answer.status}: `
  if (answer.is === 'failing') return 'status 500'
  if (answer.is === 'not-connect') return undefined
  const count = (key: string) =>
    answer.vaults.filter(({ id, name }) => (/^[a-z0-9]{26}$/.test(key) ? id.toLowerCase() === key : name === key)).length
  const wrong = keysOf(stores).find((key) => count(key) !== 1)
  return wrong === undefined ? undefined : `Found ${count(wrong)} vaults with title "${wrong}"`
}

function keysOf(stores: readonly LiveStore[]): string[] {
  return [...new Set(stores.flatMap(({ vaults }) => vaults.map(({ key }) => key)))]
}

function nameOf({ namespace, name }: TokenFacts['secret']): string {
  return `Secret ${namespace}/${name}`
}

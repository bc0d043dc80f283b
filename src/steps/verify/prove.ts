import { unlessAborted } from '../../engine/unless-aborted.ts'
import { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { isReady } from '../../kubernetes/object.ts'
import { until } from '../../kubernetes/wait.ts'
import { recognise, type Setting } from '../../onepassword/troubles.ts'
import type { Secret } from '../../secret.ts'
import { plain } from '../../text/plain.ts'
import { arrival, every } from '../arrival.ts'
import { nameOf, type Store } from '../rotation/bridge.ts'
import { arrived, type Fingerprint, fingerprintOf } from '../round-trip.ts'
import { type ThrowAway, withThrowAway } from '../throw-away.ts'
import { warningOf } from '../warnings.ts'
import { type Refreshed, refreshed } from './refreshed.ts'
import type { Subject } from './subjects.ts'
import { type Given, throughConnect, tokenOf } from './through-connect.ts'

/** Milliseconds. */
export interface Hops {
  /** Until Connect had given the value, through a port-forward. */
  connect?: number
  /** Until the store was Ready. */
  store?: number
  /** From making the ExternalSecret until it was synchronised. */
  sync?: number
}

export interface Proof extends Fingerprint {
  /** Undefined if the value is the one that Connect gives; else why that was not compared. */
  uncompared?: string
  refresh?: Refreshed
}

export interface ProveAt {
  cluster: Cluster
  item: { item: string; field: string }
  refresh: boolean
  /** Milliseconds. */
  timeout: number
}

/** Told what goes on. */
export interface Telling {
  begin(title: string): void
  say(text: string): void
  /** A line that stays. */
  note(text: string): void
  done(says: string): void
}

interface Run {
  signal: AbortSignal
  /** Filled in as the run goes. */
  hops: Hops
  tell: Telling
}

/**
 * Proves one store: it is Ready, a Secret comes, and its value is the one that Connect gives. Leaves nothing behind. Throws the
 * Failure of a known cause, or of what was waited for too long.
 */
export async function prove(at: ProveAt, { store, namespace }: Subject, { signal, hops, tell }: Run): Promise<Proof> {
  const { cluster, timeout } = at
  const token = await unlessAborted(tokenOf(cluster, store), signal)
  const setting: Setting = {
    ...{ command: 'verify', exit: 'blocked', vaults: store.vaults.map(({ key }) => key) },
    ...('server' in token && { server: token.server }),
  }
  const { item, field } = at.item
  const name = plain(`${item}/${field}`)
  const ask = () => unlessAborted(throughConnect(cluster, { store, token }, at.item, signal), signal)

  tell.begin(`Connect gives ${name}`)
  const given = await ask()
  if (given.is === 'value') {
    hops.connect = given.took
    tell.done(`Connect gives ${name}`)
  } else tell.note(`${given.is === 'closed' ? 'not compared with Connect' : 'Connect does not give it'}: ${reasonIn(given, setting)}`)

  tell.begin(`${nameOf(store)} is Ready`)
  hops.store = await timed(() => ready(at, store, { setting, signal }))
  tell.done(`${nameOf(store)} is Ready`)

  tell.begin(`${name} comes through ${nameOf(store)}`)
  const wanted = { namespace, store, item, field }
  const life = at.refresh ? { lasts: 2 * timeout, refreshInterval: '2s' } : { lasts: timeout }
  return withThrowAway(cluster, wanted, life, async (made): Promise<Proof> => {
    tell.say(`waiting for ExternalSecret ${namespace}/${made.object.metadata.name}`)
    const more = given.is === 'trouble' ? [given.says] : []
    const comes = () => arrived({ cluster, timeout, setting }, made, wanted, { signal, more })
    const value = await sync(comes, hops, { name, store, timeout })
    const uncompared = await compare(value, given, ask, { name, store, setting })
    tell.done(`${name} came through ${nameOf(store)}${uncompared === undefined ? ': it is what Connect gives' : ''}`)
    const proof = { ...fingerprintOf(value), ...(uncompared !== undefined && { uncompared }) }
    if (!at.refresh) return proof
    return { ...proof, refresh: await change(at, made, value, { store, setting, signal, ask, tell, name }) }
  })
}

async function sync(comes: () => Promise<Secret>, hops: Hops, about: { name: string; store: Store; timeout: number }): Promise<Secret> {
  const began = performance.now()
  const value = await comes().catch((error) => {
    throw overdue(error, {
      id: 'value-not-arrived',
      what: `${about.name} did not come through ${nameOf(about.store)} within ${Math.max(1, Math.round(about.timeout / 1000))} s.`,
      fix: 'kubectl get pods -A -l app.kubernetes.io/name=external-secrets',
    })
  })
  hops.sync = performance.now() - began
  return value
}

async function change(
  at: ProveAt,
  made: ThrowAway,
  value: Secret,
  run: { store: Store; setting: Setting; signal: AbortSignal; ask(): Promise<Given>; tell: Telling; name: string },
): Promise<Refreshed> {
  const { name, store, tell } = run
  tell.begin(`a change of ${name} arrives`)
  tell.note(`Change ${name} in 1Password now: it is waited for.`)
  const refresh = await refreshed(at, made, value, { ...run, differs: () => differs(name, store) })
  tell.done(`a change of ${name} arrived`)
  return refresh
}

async function ready({ cluster, timeout }: ProveAt, store: Store, { setting, signal }: { setting: Setting; signal: AbortSignal }) {
  const resource = await cluster.resource('external-secrets.io', store.kind)
  if (resource === undefined) throw new Error('a store without an API')
  const isThere = (object: Parameters<typeof isReady>[0]) => (isReady(object) ? true : undefined)
  const looks = { signal, look: () => warningOf(cluster, store), pauses: every(1_000), setting }
  return arrival((end) => until(cluster, resource, store, isThere, { signal: end, deadline: timeout }), looks).catch((error) => {
    throw overdue(error, {
      id: 'store-not-ready',
      what: `${nameOf(store)} is not Ready.`,
      fix: `kubectl describe ${store.kind.toLowerCase()} ${store.name}${store.namespace === undefined ? '' : ` -n ${store.namespace}`}`,
    })
  })
}

/** Undefined where it is the same. What Connect gave before may have been changed meanwhile: then it is asked once more. */
async function compare(
  value: Secret,
  given: Given,
  ask: () => Promise<Given>,
  { name, store, setting }: { name: string; store: Store; setting: Setting },
): Promise<string | undefined> {
  if (given.is === 'closed') return given.why
  if (given.is === 'value' && given.value.equals(value)) return undefined
  const again = await ask()
  if (again.is !== 'value') return reasonIn(again, setting)
  if (!again.value.equals(value)) throw differs(name, store)
  return undefined
}

function reasonIn(given: Exclude<Given, { is: 'value' }>, setting: Setting): string {
  if (given.is === 'closed') return given.why
  return (recognise([given.says], setting)?.what ?? `Connect answered with ${plain(given.says, 100)}`).replace(/\.$/, '')
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** In the place of a deadline's own words, which tell of a throw-away object that nobody can look at any more. */
function overdue(error: unknown, text: { id: string; what: string; fix: string }): unknown {
  if (!(error instanceof Failure) || error.id !== 'wait-deadline') return error
  return new Failure({ ...text, exit: 'blocked', ...(error.why !== undefined && { why: error.why }) })
}

function differs(name: string, store: Store): Failure {
  return new Failure({
    id: 'value-differs',
    exit: 'blocked',
    what: `What came through ${nameOf(store)} is not what Connect gives for ${name}.`,
    why: 'Both were read just now, with the same token. The operator may reach another Connect than the pods that its Service selects.',
    fix: `kubectl get ${store.kind.toLowerCase()} ${store.name}${store.namespace === undefined ? '' : ` -n ${store.namespace}`} -o yaml`,
  })
}

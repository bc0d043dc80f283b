import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import type { Cluster } from './cluster.ts'
import type { KubernetesObject } from './object.ts'
import { leases } from './resources.ts'
import { settled } from './settled.ts'

export interface Lease {
  /** Says anew that we hold it; throws the `busy` Failure when somebody else took it. It happens by itself as well. */
  renew(): Promise<void>
  /** Aborted when the lease was lost to somebody else: what is going on must stop then. */
  lost: AbortSignal
  /** Gives it up; nothing remains in the cluster. */
  release(): Promise<void>
}

export interface LeaseOptions {
  namespace: string
  name: string
  /** Who we are, for the one who finds the lease taken; no two runs may have the same. */
  holder: string
  /** After which it expires if it isn't renewed, so that a killed run locks nobody out for longer. */
  seconds: number
}

/**
 * Takes the lease that keeps two runs apart. Each write carries the resourceVersion that was read, so of two runs at the
 * same moment one wins. Throws a Failure with exit `busy` that names the holder.
 * https://kubernetes.io/docs/concepts/architecture/leases/
 */
export async function acquireLease(cluster: Cluster, options: LeaseOptions): Promise<Lease> {
  const { namespace, name } = options
  let held = await take(cluster, options)
  const lost = new AbortController()

  async function renew() {
    const spec = { renewTime: microTime() }
    try {
      held = await cluster.merge(leases, name, namespace, { metadata: { resourceVersion: held.metadata.resourceVersion }, spec })
    } catch (error) {
      if (!isRace(error)) throw error
      const failure = busy(options, await cluster.get(leases, name, namespace))
      lost.abort(failure)
      throw failure
    }
  }

  let renewing = Promise.resolve()
  // A renewal that fails for another reason is tried again next time; the lease outlives two misses.
  const timer = setInterval(() => {
    renewing = renew().catch(() => {})
  }, options.seconds * 333).unref()

  return {
    renew,
    lost: lost.signal,
    async release() {
      clearInterval(timer)
      await renewing
      if (lost.signal.aborted) return
      const { uid, resourceVersion } = held.metadata
      const remove = () => cluster.delete(leases, name, namespace, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) })
      // What is left behind would stop the next run until it expires.
      await remove().catch(remove)
    },
  }
}

/** Throws the `busy` Failure, with who holds it, while somebody holds the lease. Reads only. */
export async function requireFree(cluster: Cluster, at: Pick<LeaseOptions, 'namespace' | 'name'>): Promise<void> {
  const lease = await cluster.get(leases, at.name, at.namespace)
  if (isHeld(lease)) throw busy(at, lease)
}

async function take(cluster: Cluster, options: LeaseOptions): Promise<KubernetesObject> {
  const { namespace, name } = options
  const found = await cluster.get(leases, name, namespace)
  if (isHeld(found)) throw busy(options, found)
  const now = microTime()
  const spec = { holderIdentity: options.holder, leaseDurationSeconds: options.seconds, acquireTime: now, renewTime: now }
  const write =
    found === undefined
      ? cluster.create(leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec })
      : cluster.merge(leases, name, namespace, { metadata: { resourceVersion: found.metadata.resourceVersion }, spec })
  const look = () => cluster.get(leases, name, namespace)
  try {
    return await settled(`the Lease ${name}`, write, look, (lease) => lease['spec']?.holderIdentity === options.holder)
  } catch (error) {
    if (!isRace(error)) throw error
    throw busy(options, await cluster.get(leases, name, namespace))
  }
}

function isRace(error: unknown): boolean {
  return error instanceof Failure && ['already-exists', 'changed-meanwhile', 'not-found'].includes(error.id) && !isMissingNamespace(error)
}

function isMissingNamespace(failure: Failure): boolean {
  return failure.message.startsWith('namespaces ')
}

function isHeld(lease: KubernetesObject | undefined): boolean {
  return Boolean(lease?.['spec']?.holderIdentity) && expiry(lease) > Date.now()
}

function expiry(lease: KubernetesObject | undefined): number {
  const { renewTime, leaseDurationSeconds = 0 } = lease?.['spec'] ?? {}
  return (Date.parse(renewTime) || 0) + leaseDurationSeconds * 1000
}

function holderOf(lease: KubernetesObject | undefined): string {
  return plain(String(lease?.['spec']?.holderIdentity ?? 'somebody else'), 120)
}

function busy(options: Pick<LeaseOptions, 'namespace' | 'name'>, lease: KubernetesObject | undefined): Failure {
  const since = Date.parse(lease?.['spec']?.acquireTime)
  const times = Number.isNaN(since) ? '' : ` since ${clock(since)}`
  return new Failure({
    id: 'busy',
    exit: 'busy',
    what: `Another run is at work on the namespace ${options.namespace}: ${holderOf(lease)}${times}.`,
    why: `It holds the Lease ${options.name}${lease ? `, which expires at ${clock(expiry(lease))} unless it is renewed` : ''}.`,
    fix: 'Wait until it has ended, then run this again.',
  })
}

function clock(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Kubernetes' MicroTime has exactly six digits after the second. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z')
}

import type { KubernetesObject } from '../../kubernetes/object.ts'
import { backoff } from '../backoff.ts'
import { withCondition } from '../conditions.ts'
import { type Controller, keyOf } from '../controller.ts'
import { milliseconds } from '../durations.ts'
import { recordEvent } from '../events.ts'
import { is, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'
import type { Route } from '../workloads/network.ts'
import { ProviderError } from './client.ts'
import { type Operator, runningOperator, since } from './operator.ts'
import { clientFor, onePasswordOf } from './provider.ts'

const manager = 'external-secrets'

export interface EsoOptions {
  /** Where a URL of the cluster leads for a pod of this namespace. */
  routeTo(host: string, from: string): Route
  /** Ends calls that are under way when the sandbox closes. */
  signal: AbortSignal
}

/**
 * Validates stores as ESO does: on every update of the object, after its refresh interval and, failing, with growing waits;
 * never because a Secret changed. Only the vaults are looked up, so a Ready store proves nothing about items.
 */
export function storeController(world: Store, options: EsoOptions): Controller {
  const waits = backoff()
  return {
    name: 'secret stores',
    concerns: (object) => {
      if (is(object, kinds.clusterSecretStore, kinds.secretStore)) return [keyOf(object)]
      if (!startsOperator(object)) return []
      return [kinds.clusterSecretStore, kinds.secretStore].flatMap((kind) => world.list(kind)).map(keyOf)
    },
    reconcile: async (key) => {
      const store = world.get(key, key.namespace, key.name)
      const operator = runningOperator(world)
      if (!store || !operator) return undefined
      const verdict = await validate(world, store, operator, options)
      options.signal.throwIfAborted()
      publish(world, store, operator, verdict)
      if (verdict.is === 'valid') {
        waits.succeeded(key)
        return milliseconds(store['spec'].refreshInterval, 0) || 300_000
      }
      return waits.failed(key)
    },
  }
}

/** A pod of the operator itself, whose start makes it look at all that is there. */
export function startsOperator(object: KubernetesObject): boolean {
  return is(object, kinds.pod) && object.metadata.labels?.['app.kubernetes.io/name'] === 'external-secrets'
}

type Verdict = { is: 'valid' } | { is: 'no client' | 'invalid'; why: string }

async function validate(world: Store, store: KubernetesObject, operator: Operator, options: EsoOptions): Promise<Verdict> {
  try {
    const routeTo = (host: string) => options.routeTo(host, operator.namespace)
    const client = clientFor(world, store, store.metadata.namespace ?? operator.namespace, routeTo, options.signal)
    try {
      for (const key of Object.keys(onePasswordOf(store)?.vaults ?? {})) await client.vault(key)
      return { is: 'valid' }
    } catch (error) {
      return { is: 'invalid', why: textOf(error) }
    }
  } catch (error) {
    return { is: 'no client', why: textOf(error) }
  }
}

function textOf(error: unknown): string {
  if (error instanceof ProviderError) return error.message
  throw error
}

/** Texts and reasons as they changed from version to version; since 0.20 the real cause is in the event only. */
function publish(world: Store, store: KubernetesObject, operator: Operator, verdict: Verdict): void {
  const component = is(store, kinds.clusterSecretStore) ? 'cluster-secret-store' : 'secret-store'
  const failedAs = since(operator, 0, 19) || verdict.is === 'no client' ? 'InvalidProviderConfig' : 'ValidationFailed'
  const general = verdict.is === 'no client' ? 'unable to create client' : 'unable to validate store'
  const valid = verdict.is === 'valid'
  const message = valid ? 'store validated' : since(operator, 0, 20) || verdict.is === 'no client' ? general : `${general}: ${verdict.why}`
  const reason = valid ? 'Valid' : failedAs
  // Each validation is told, also one that changes nothing.
  const told = verdict.is === 'valid' ? { type: 'Normal' as const, message } : { type: 'Warning' as const, message: verdict.why }
  recordEvent(world, store, { ...told, reason, component })
  setStatus(
    world,
    store,
    {
      capabilities: since(operator, 0, 18) ? 'ReadWrite' : 'ReadOnly',
      conditions: withCondition(store['status']?.conditions, { type: 'Ready', status: valid ? 'True' : 'False', reason, message }),
    },
    manager,
  )
}

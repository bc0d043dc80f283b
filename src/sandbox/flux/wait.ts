import type { KubernetesObject } from '../../kubernetes/object.ts'
import { groupOf } from '../kinds.ts'
import type { Store } from '../store.ts'
import { type HealthExpression, healthOf } from './health.ts'
import { type Entry, placeOf } from './inventory.ts'

export type HealthReport =
  | { is: 'healthy'; checked: boolean }
  /** Each as Flux lists it: `HelmRelease/ns/name status: 'InProgress'`. */
  | { is: 'waiting' | 'stalled'; unready: string[] }

interface Reference {
  apiVersion: string
  kind: string
  name: string
  namespace?: string
}

/** How what a Kustomization waits for does: all that it applied with `wait`, else what `healthChecks` names. */
export function healthReport(store: Store, kustomization: KubernetesObject, inventory: readonly Entry[]): HealthReport {
  const { wait, healthChecks = [], healthCheckExprs = [] } = kustomization['spec']
  const listed = (healthChecks as Reference[]).map(({ apiVersion, kind, name, namespace }) => ({
    group: groupOf(apiVersion),
    kind,
    name,
    namespace: namespace || undefined,
  }))
  const places = wait ? inventory.map(placeOf) : listed
  const states = places.map((place) => {
    const object = store.get(place, place.namespace, place.name) ?? store.get(place, undefined, place.name)
    const health = healthOf(object, healthCheckExprs as HealthExpression[])
    return { health, text: `${[place.kind, place.namespace, place.name].filter(Boolean).join('/')} status: '${health}'` }
  })
  const unready = states.filter((each) => each.health !== 'Current')
  if (unready.length === 0) return { is: 'healthy', checked: places.length > 0 }
  const stalled = unready.filter((each) => each.health === 'Failed')
  return stalled.length > 0
    ? { is: 'stalled', unready: stalled.map((each) => each.text) }
    : { is: 'waiting', unready: unready.map((each) => each.text) }
}

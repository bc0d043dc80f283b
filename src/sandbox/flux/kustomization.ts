import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { Tree } from '../../manifests/tree.ts'
import type { ObjectStore } from '../api/store.ts'
import { withCondition } from '../conditions.ts'
import { type Controller, type Key, keyOf } from '../controller.ts'
import { goDuration, milliseconds } from '../durations.ts'
import { recordEvent } from '../events.ts'
import { groupOf, is, kinds } from '../kinds.ts'
import { build } from '../kustomize.ts'
import { setStatus } from '../store.ts'
import { type Apply, ApplyError, applyStaged } from './apply.ts'
import { sourceOf, unmetDependency } from './dependencies.ts'
import { type Entry, inventoryOf, ownerLabels, prune } from './inventory.ts'
import { failed, progressing, requestedAt, succeeded } from './status.ts'
import { substitute } from './substitute.ts'
import { healthReport } from './wait.ts'

const manager = 'kustomize-controller'

export interface KustomizationOptions {
  apply: Apply
  /** The files of a source's artifact: by the source object and its revision. */
  filesOf(source: KubernetesObject): Promise<Tree>
}

/** How far the last reconcile of a Kustomization got. */
interface Progress {
  /** Generation, request and revision that it was for. */
  cause: string
  /** Set while health checks run: what has been applied, and until when they may take. */
  checking?: { inventory: Entry[]; until: number }
  /** When to begin anew though nothing changed. */
  next: number
  labels: Record<string, string>
  inventory: Entry[]
}

/**
 * Builds and applies what the source's artifact holds, as kustomize-controller does. A new revision or request ends health
 * checks that are under way, as with its feature gate CancelHealthCheckOnNewRevision.
 */
export function kustomizationController(store: ObjectStore, { apply, filesOf }: KustomizationOptions): Controller {
  const progress = new Map<string, Progress>()
  const id = (key: Key) => `${key.namespace}/${key.name}`

  const concerns = (object: KubernetesObject): Key[] => {
    const { name, namespace } = object.metadata
    const all = () => store.list(kinds.kustomization)
    if (is(object, kinds.kustomization)) {
      const dependents = all().filter((each) => each['spec'].dependsOn?.some((one: { name: string }) => one.name === name))
      return [object, ...dependents, ...waitingFor(object)].map(keyOf)
    }
    if (groupOf(object.apiVersion) === kinds.gitRepository.group) {
      const built = all().filter((each) => sourceOf(each).name === name && (sourceOf(each).namespace ?? '') === (namespace ?? ''))
      return [...built, ...waitingFor(object)].map(keyOf)
    }
    return waitingFor(object).map(keyOf)
  }
  const waitingFor = (object: KubernetesObject): KubernetesObject[] => {
    if (is(object, kinds.event, kinds.pod)) return []
    return store.list(kinds.kustomization).filter((each) => progress.get(id(keyOf(each)))?.checking !== undefined)
  }

  const fail = (object: KubernetesObject, reason: string, message: string, more: object = {}): number => {
    setStatus(store, object, failed(object, reason, message, { ...more }), manager)
    recordEvent(store, object, { type: 'Warning', reason, message, component: manager })
    const interval = milliseconds(object['spec'].interval, 600_000)
    return milliseconds(object['spec'].retryInterval, interval)
  }

  const begin = async (object: KubernetesObject, source: KubernetesObject, revision: string): Promise<number | Entry[]> => {
    const path: string = object['spec'].path ?? ''
    const attempted = { lastAttemptedRevision: revision }
    const tree = await filesOf(source)
    const folder = path.replace(/^(\.?\/)+|^\.$|\/+$/g, '')
    if (!(await tree.isFolder(folder))) {
      const missing = `kustomization path not found: stat /tmp/kustomization-1/${folder}: no such file or directory`
      return fail(object, 'ArtifactFailed', missing, attempted)
    }
    let objects: KubernetesObject[]
    try {
      const built = await build(tree, folder)
      objects = substitute(store, object, built).map((each) => labelled(each, object))
    } catch (error) {
      return fail(object, 'BuildFailed', (error as Error).message, attempted)
    }
    const inventory = inventoryOf(objects)
    try {
      applyStaged(store, apply, objects)
    } catch (error) {
      if (!(error instanceof ApplyError)) throw error
      return fail(object, 'ReconciliationFailed', error.message, attempted)
    }
    if (object['spec'].prune) prune(store, ownerLabels(object), object['status']?.inventory?.entries ?? [], inventory)
    return inventory
  }

  const check = (object: KubernetesObject, source: KubernetesObject | undefined, revision: string, state: Progress): number | undefined => {
    const { inventory = [], until = 0 } = state.checking ?? {}
    const report = healthReport(store, object, inventory)
    const done = { lastAttemptedRevision: revision, inventory: { entries: inventory } }
    const timeout = milliseconds(object['spec'].timeout, milliseconds(object['spec'].interval, 600_000))
    if (report.is === 'healthy') {
      const told = report.checked
        ? withHealthy(object, 'True', `Health check passed in ${goDuration(timeout - (until - Date.now()))}`)
        : object
      const message = `Applied revision: ${revision}`
      const origin: string | undefined = source?.['status'].artifact.metadata?.['org.opencontainers.image.revision']
      const applied = { lastAppliedRevision: revision, ...(origin ? { lastAppliedOriginRevision: origin } : {}) }
      const status = succeeded(told, 'ReconciliationSucceeded', message, { ...done, ...applied })
      setStatus(store, object, status, manager)
      recordEvent(store, object, { type: 'Normal', reason: 'ReconciliationSucceeded', message, component: manager })
      return milliseconds(object['spec'].interval, 600_000)
    }
    if (report.is === 'waiting' && Date.now() < until) {
      const message = `Running health checks for revision ${revision} with a timeout of ${goDuration(timeout)}`
      setStatus(store, object, progressing(object, message, done), manager)
      return undefined
    }
    const how =
      report.is === 'stalled' ? 'failed early due to stalled resources' : `failed after ${goDuration(timeout)}: timeout waiting for`
    const message = `health check ${how}: [${report.unready.join(', ')}]`
    return fail(withHealthy(object, 'False', message), 'HealthCheckFailed', message, done)
  }

  return {
    name: 'kustomizations',
    concerns,
    reconcile: async (key) => {
      const object = store.get(kinds.kustomization, key.namespace, key.name)
      const state = progress.get(id(key))
      if (!object) {
        if (state) prune(store, state.labels, state.inventory, [])
        progress.delete(id(key))
        return undefined
      }
      if (object['spec'].suspend) return undefined
      const { kind, namespace, name } = sourceOf(object)
      const source = store.get(kind, namespace, name)
      const revision: string | undefined = source?.['status']?.artifact?.revision
      const cause = [object.metadata.uid, object.metadata.generation, object.metadata.annotations?.[requestedAt], revision].join(' ')
      const fresh = state?.cause !== cause || state.next <= Date.now()
      const remember = (next: number, inventory: Entry[], checking?: Progress['checking']): Progress => {
        const labels = ownerLabels(object)
        const kept = {
          cause,
          next: Date.now() + next,
          labels,
          inventory: object['spec'].prune ? inventory : [],
          ...(checking ? { checking } : {}),
        }
        progress.set(id(key), kept)
        return kept
      }
      if (!fresh && !state.checking) return state.next - Date.now()

      const known: Entry[] = object['status']?.inventory?.entries ?? []
      if (fresh) {
        if (!source)
          return remember(fail(object, 'ArtifactFailed', `Source '${kind.kind}/${namespace}/${name}' not found`), known).next - Date.now()
        if (revision === undefined) {
          setStatus(store, object, failed(object, 'ArtifactFailed', 'Source artifact not found, retrying in 30s'), manager)
          return undefined
        }
        const unmet = unmetDependency(store, object, revision)
        if (unmet !== undefined) {
          // The real controller looks again every 30 s; here the dependency's own change brings us back.
          progress.delete(id(key))
          setStatus(store, object, failed(object, 'DependencyNotReady', unmet), manager)
          return undefined
        }
        const outcome = await begin(object, source, revision)
        if (typeof outcome === 'number') return remember(outcome, known).next - Date.now()
        const timeout = milliseconds(object['spec'].timeout, milliseconds(object['spec'].interval, 600_000))
        remember(Number.POSITIVE_INFINITY, outcome, { inventory: outcome, until: Date.now() + timeout })
      }
      const live = store.get(kinds.kustomization, key.namespace, key.name)
      const current = progress.get(id(key))
      if (!live || !current || revision === undefined) return undefined
      const wait = check(live, source, revision, current)
      if (wait === undefined) return Math.max(1, (current.checking?.until ?? 0) - Date.now())
      remember(wait, current.checking?.inventory ?? current.inventory)
      return wait
    },
  }
}

function labelled(object: KubernetesObject, kustomization: KubernetesObject): KubernetesObject {
  const labels = { ...object.metadata.labels, ...ownerLabels(kustomization) }
  return { ...object, metadata: { ...object.metadata, labels } }
}

function withHealthy(object: KubernetesObject, status: 'True' | 'False', message: string): KubernetesObject {
  const reason = status === 'True' ? 'Succeeded' : 'HealthCheckFailed'
  const conditions = withCondition(object['status']?.conditions, { type: 'Healthy', status, reason, message })
  return { ...object, status: { ...object['status'], conditions } }
}

import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { backoff } from '../backoff.ts'
import { timestamp, withCondition } from '../conditions.ts'
import { type Controller, type Key, keyOf } from '../controller.ts'
import { milliseconds } from '../durations.ts'
import { recordEvent } from '../events.ts'
import { is, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'
import type { Checkouts } from './checkout.ts'
import { failed, requestedAt, succeeded } from './status.ts'

const manager = 'source-controller'

/** Fetches what a GitRepository points at: when it changes, when it is asked to (`requestedAt`), and after its interval. */
export function gitRepositoryController(store: Store, git: Checkouts, options: { delay: number }): Controller {
  const waits = backoff()
  const fetched = new Map<string, { cause: string; next: number }>()
  const id = (key: Key) => `${key.namespace}/${key.name}`

  return {
    name: 'git repositories',
    concerns: (object) => (is(object, kinds.gitRepository) ? [keyOf(object)] : []),
    reconcile: async (key) => {
      const object = store.get(kinds.gitRepository, key.namespace, key.name)
      if (!object || object['spec'].suspend) return undefined
      const cause = `${object.metadata.uid} ${object.metadata.generation} ${object.metadata.annotations?.[requestedAt]}`
      const last = fetched.get(id(key))
      if (last?.cause === cause && last.next > Date.now()) return last.next - Date.now()
      if (options.delay > 0) await new Promise((resolve) => setTimeout(resolve, options.delay))
      const wait = await fetchOnce(store, git, object).then(
        () => {
          waits.succeeded(key)
          return milliseconds(object['spec'].interval, 60_000)
        },
        (error: Error) => {
          const fetchFailed = { type: 'FetchFailed', status: 'True', reason: 'GitOperationFailed', message: error.message } as const
          const conditions = withCondition(object['status']?.conditions, fetchFailed)
          const told = { ...object, status: { ...object['status'], conditions } }
          setStatus(store, object, failed(told, 'GitOperationFailed', error.message), manager)
          recordEvent(store, object, { type: 'Warning', reason: 'GitOperationFailed', message: error.message, component: manager })
          return waits.failed(key)
        },
      )
      fetched.set(id(key), { cause, next: Date.now() + wait })
      return wait
    },
  }
}

async function fetchOnce(store: Store, git: Checkouts, object: KubernetesObject): Promise<void> {
  const { revision, commit } = await git.fetch(object['spec'].url, object['spec'].ref ?? {})
  const message = `stored artifact for revision '${revision}'`
  const before = object['status']?.artifact
  const path = `gitrepository/${object.metadata.namespace}/${object.metadata.name}/${commit}.tar.gz`
  const artifact = {
    digest: `sha256:${createHash('sha256').update(commit).digest('hex')}`,
    lastUpdateTime: before?.revision === revision ? before.lastUpdateTime : timestamp(),
    path,
    revision,
    size: 0,
    url: `http://source-controller.flux-system.svc.cluster.local./${path}`,
  }
  const stored = { type: 'ArtifactInStorage', status: 'True', reason: 'Succeeded', message } as const
  const conditions = withCondition(object['status']?.conditions, stored).filter((each) => each.type !== 'FetchFailed')
  const told = { ...object, status: { ...object['status'], conditions } }
  setStatus(store, object, succeeded(told, 'Succeeded', message, { artifact }), manager)
}

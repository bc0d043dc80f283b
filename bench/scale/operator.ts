import type { Cluster } from '../../src/kubernetes/cluster.ts'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import { resourceVersionOf } from '../../src/sandbox/external-secrets/refresh.ts'
import type { Client } from '../../test/contract/client.ts'
import { statusPath } from './external-secrets.ts'

export interface StandIn {
  /** Resolves when this many have synchronised with this value in this annotation. */
  synced(annotation: string, value: (text: string) => boolean, count: number): Promise<void>
}

/** Synchronises at once what was changed: as the operator writes its status, and nothing else. */
export async function startOperator(cluster: Cluster, client: Client, signal: AbortSignal): Promise<StandIn> {
  const resource = await cluster.resource('external-secrets.io', 'ExternalSecret')
  if (resource === undefined) throw new Error('there is no kind ExternalSecret')
  const annotations = new Map<string, Record<string, string>>()
  const queue = new Map<string, KubernetesObject>()
  const idle: (() => void)[] = []
  const listeners = new Set<() => void>()
  let failed: (error: unknown) => void = () => {}
  const failure = new Promise<never>((_, reject) => {
    failed = reject
  })
  failure.catch(() => {})

  const write = async (key: string, object: KubernetesObject) => {
    const version = resourceVersionOf(object)
    const ready = { type: 'Ready', status: 'True', reason: 'SecretSynced', message: 'secret synced', lastTransitionTime: now() }
    const { resourceVersion } = object.metadata
    const status = { conditions: [ready], refreshTime: now(), syncedResourceVersion: version, binding: { name: object.metadata.name } }
    const reply = await client.merge(statusPath(object.metadata), { metadata: { resourceVersion }, status }, 'external-secrets')
    // Of what was changed meanwhile the watch tells.
    if (reply.status === 409) return
    if (reply.status !== 200) throw new Error(`status ${reply.status}: ${reply.text.slice(0, 300)}`)
    annotations.set(key, object.metadata.annotations ?? {})
    for (const listener of listeners) listener()
  }
  const work = async () => {
    while (!signal.aborted) {
      const [next] = queue
      if (next === undefined) await new Promise<void>((resolve) => idle.push(resolve))
      else {
        queue.delete(next[0])
        await write(...next)
      }
    }
  }
  const watch = async () => {
    for await (const { type, object } of cluster.watch(resource, {}, signal)) {
      const key = `${object.metadata.namespace}/${object.metadata.name}`
      if (type === 'DELETED' || object['status']?.syncedResourceVersion === resourceVersionOf(object)) continue
      queue.set(key, object)
      idle.pop()?.()
    }
  }
  for (const each of [watch, ...Array.from({ length: 8 }, () => work)]) each().catch(failed)

  return {
    synced(annotation, value, count) {
      const isDone = () => [...annotations.values()].filter((each) => value(each[annotation] ?? '')).length >= count
      const done = new Promise<void>((resolve) => {
        // Counting all takes its time: not after each.
        let due = false
        const listener = () => {
          if (due) return
          due = true
          setTimeout(() => {
            due = false
            if (!isDone()) return
            listeners.delete(listener)
            resolve()
          }, 20)
        }
        listeners.add(listener)
        listener()
      })
      return Promise.race([done, failure])
    },
  }
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}

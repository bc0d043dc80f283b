import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import type { Cluster, WatchOptions } from '../kubernetes/cluster.ts'
import type { Resource } from '../kubernetes/object.ts'
import { customResourceDefinitions, deployments, secrets } from '../kubernetes/resources.ts'

/** What is watched: whatever of it isn't permitted or isn't served is left out, and tried again with every change. */
export interface Changes {
  /**
   * Resolves this many milliseconds after the first change since the last call, which may be one in the meantime: what comes
   * together is one change. Throws the signal's reason.
   */
  next(pause: number): Promise<void>
  /** Begins to watch what has come to be served or permitted, and these Secrets. */
  extend(tokens: readonly { namespace: string; name: string }[]): Promise<void>
}

const kinds = [
  ['external-secrets.io', 'ClusterSecretStore'],
  ['external-secrets.io', 'SecretStore'],
  ['external-secrets.io', 'ExternalSecret'],
  ['kustomize.toolkit.fluxcd.io', 'Kustomization'],
  ['source.toolkit.fluxcd.io', 'GitRepository'],
] as const

/** Of the CRDs, which are large, the last that the operator's chart brings. */
const definition = 'externalsecrets.external-secrets.io'

/** Watches all that the status is made of, until the signal ends it. Nothing of what is there already counts as a change. */
export function watchChanges(cluster: Cluster, signal: AbortSignal): Changes {
  const watched = new Set<string>()
  let changed = false
  let wake = () => {}
  const told = () => {
    changed = true
    wake()
  }

  signal.addEventListener('abort', () => wake(), { once: true })

  async function follow(key: string, resource: Resource, options: WatchOptions): Promise<void> {
    if (watched.has(key)) return
    watched.add(key)
    // What changes between the look and the first moment of the watch is told by neither.
    const overlap = setTimeout(told, 1_000)
    try {
      for await (const _ of cluster.watch(resource, { ...options, onlyChanges: true }, signal)) told()
    } catch (error) {
      watched.delete(key)
      if (!(error instanceof Failure)) throw error
    } finally {
      clearTimeout(overlap)
    }
  }

  return {
    async next(pause) {
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve
          if (signal.aborted) resolve()
        })
      }
      changed = false
      signal.throwIfAborted()
      await sleep(pause, undefined, { signal })
      changed = false
    },
    async extend(tokens) {
      const served = await Promise.all(
        kinds.map(([group, kind]) =>
          cluster.resource(group, kind).catch((error: unknown) => (error instanceof Failure ? undefined : Promise.reject(error))),
        ),
      )
      for (const resource of served) if (resource !== undefined) void follow(`${resource.group}/${resource.kind}`, resource, {})
      void follow('deployments', deployments, {})
      void follow('definition', customResourceDefinitions, { fieldSelector: `metadata.name=${definition}` })
      for (const { namespace, name } of tokens)
        void follow(`secret ${namespace}/${name}`, secrets, { namespace, fieldSelector: `metadata.name=${name}` })
    },
  }
}

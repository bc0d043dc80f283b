import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import type { Cluster, WatchOptions } from '../kubernetes/cluster.ts'
import type { Resource } from '../kubernetes/object.ts'
import { customResourceDefinitions, deployments, secrets } from '../kubernetes/resources.ts'

/** What is watched: whatever of it isn't permitted or isn't served is left out, and tried again with every change. */
export interface Changes {
  /** Resolves with the first change since the last call; at once where there was one in the meantime. */
  next(): Promise<void>
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

  async function follow(key: string, resource: Resource, options: WatchOptions): Promise<void> {
    if (watched.has(key)) return
    watched.add(key)
    try {
      for await (const _ of cluster.watch(resource, { ...options, onlyChanges: true }, signal)) told()
    } catch (error) {
      watched.delete(key)
      if (!(error instanceof Failure)) throw error
    }
  }

  return {
    async next() {
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      changed = false
      signal.throwIfAborted()
      // What comes together is one change.
      await sleep(100, undefined, { signal })
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

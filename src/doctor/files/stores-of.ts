import { Failure } from '../../failure.ts'
import { lineOf } from '../../manifests/line.ts'
import type { ConnectProvider } from '../../manifests/secret-stores.ts'
import { knownStores } from '../../status/world.ts'
import { shared } from '../shared.ts'
import type { FilesWorld } from '../world.ts'
import { folderOf } from './folder-of.ts'

/** A 1Password store, of a file or of the cluster. */
export interface AnyStore extends ConnectProvider {
  /** `SecretStore apps/onepassword` */
  says: string
  kind: string
  namespace?: string
  /** Part of what Flux builds, or in the cluster. */
  live: boolean
  /** Where a field of it stands; undefined for one that is in the cluster only. */
  at(...path: string[]): { path: string; line: number } | undefined
}

/** Those of the folder, then those of the cluster. Throws a Failure where neither could be read. */
export const storesOf = shared(async (world: FilesWorld): Promise<AnyStore[]> => {
  const [files, cluster] = await Promise.allSettled([ofFiles(world), ofCluster(world)])
  for (const each of [files, cluster]) if (each.status === 'rejected' && !(each.reason instanceof Failure)) throw each.reason
  if (files.status === 'rejected' && (cluster.status === 'rejected' || world.live === undefined)) throw files.reason
  return [files, cluster].flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
})

async function ofFiles(world: FilesWorld): Promise<AnyStore[]> {
  const { stores, components } = await folderOf(world)
  return stores.map(({ kind, name, namespace, connectHost, token, vaults, file, line }) => ({
    ...{ says: `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`, kind, connectHost, token, vaults },
    ...(namespace !== undefined && { namespace }),
    live: components.stores.state === 'live',
    at: (...path) => ({ path: file.path, line: lineOf(file.text, line, ...path) }),
  }))
}

async function ofCluster({ live }: FilesWorld): Promise<AnyStore[]> {
  if (live === undefined) return []
  return (await knownStores(live)).map(({ says, object, connectHost, token, vaults }) => ({
    ...{ says, kind: object.kind, connectHost, token, vaults, live: true, at: () => undefined },
    ...(object.metadata.namespace !== undefined && { namespace: object.metadata.namespace }),
  }))
}

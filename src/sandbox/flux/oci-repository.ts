import { createHash } from 'node:crypto'
import { timestamp } from '../conditions.ts'
import { type Controller, keyOf } from '../controller.ts'
import { is, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'
import { failed, requestedAt, succeeded } from './status.ts'

const manager = 'source-controller'

/** What a pipeline has pushed to a registry, by the URL of the artifact: a commit that stays until the pipeline runs again. */
export type Published = Map<string, { remote: string; commit: string; branch: string }>

/** Pulls an artifact that was made from a commit: pushing to git alone changes nothing here. */
export function ociRepositoryController(store: Store, published: Published): Controller {
  const seen = new Map<string, string>()
  return {
    name: 'oci repositories',
    concerns: (object) => (is(object, kinds.ociRepository) ? [keyOf(object)] : []),
    reconcile: async (key) => {
      const object = store.get(kinds.ociRepository, key.namespace, key.name)
      if (!object || object['spec'].suspend) return undefined
      const artifact = published.get(object['spec'].url)
      const cause = [object.metadata.uid, object.metadata.generation, object.metadata.annotations?.[requestedAt], artifact?.commit].join(
        ' ',
      )
      const id = `${key.namespace}/${key.name}`
      if (seen.get(id) === cause) return undefined
      seen.set(id, cause)
      if (!artifact) {
        const message = `failed to pull artifact from '${object['spec'].url}': GET manifest: 404 Not Found`
        setStatus(store, object, failed(object, 'OCIArtifactPullFailed', message), manager)
        return undefined
      }
      const digest = `sha256:${createHash('sha256').update(artifact.commit).digest('hex')}`
      const revision = `${object['spec'].ref?.tag ?? 'latest'}@${digest}`
      const metadata = { 'org.opencontainers.image.revision': `${artifact.branch}@sha1:${artifact.commit}` }
      const path = `ocirepository/${id}/${digest}.tar.gz`
      const url = `http://source-controller.flux-system.svc.cluster.local./${path}`
      const more = { artifact: { revision, digest, metadata, path, url, lastUpdateTime: timestamp(), size: 0 } }
      setStatus(store, object, succeeded(object, 'Succeeded', `stored artifact for digest '${revision}'`, more), manager)
      return undefined
    },
  }
}

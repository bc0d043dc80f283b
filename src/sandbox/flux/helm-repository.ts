import { createHash } from 'node:crypto'
import { timestamp } from '../conditions.ts'
import { type Controller, keyOf } from '../controller.ts'
import { is, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'
import { charts } from './charts.ts'
import { failed, requestedAt, succeeded } from './status.ts'

const manager = 'source-controller'

const known = Object.values(charts).map((each) => each.repository)

/** Indexes a HelmRepository; one of type `oci` is a static object without any status. */
export function helmRepositoryController(store: Store): Controller {
  const seen = new Map<string, string>()
  return {
    name: 'helm repositories',
    concerns: (object) => (is(object, kinds.helmRepository) ? [keyOf(object)] : []),
    reconcile: async (key) => {
      const object = store.get(kinds.helmRepository, key.namespace, key.name)
      if (!object || object['spec'].suspend || object['spec'].type === 'oci') return undefined
      const cause = `${object.metadata.uid} ${object.metadata.generation} ${object.metadata.annotations?.[requestedAt]}`
      const id = `${key.namespace}/${key.name}`
      if (seen.get(id) === cause) return undefined
      seen.set(id, cause)
      const url: string = object['spec'].url
      if (!known.includes(url.replace(/\/$/, ''))) {
        const message = `failed to fetch Helm repository index: failed to cache index to temporary file: failed to fetch ${url}/index.yaml : 404 Not Found`
        setStatus(store, object, failed(object, 'IndexationFailed', message), manager)
        return undefined
      }
      const revision = `sha256:${createHash('sha256').update(url).digest('hex')}`
      const path = `helmrepository/${id}/index-${revision.slice('sha256:'.length)}.yaml`
      const artifact = {
        revision,
        digest: revision,
        path,
        url: `http://source-controller.flux-system.svc.cluster.local./${path}`,
        lastUpdateTime: object['status']?.artifact?.lastUpdateTime ?? timestamp(),
        size: 0,
      }
      setStatus(store, object, succeeded(object, 'Succeeded', `stored artifact: revision '${revision}'`, { artifact }), manager)
      return undefined
    },
  }
}

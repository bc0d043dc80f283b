import { afterEach, beforeEach } from 'vitest'
import type { Cluster } from '../../../src/kubernetes/cluster.ts'
import type { KubernetesObject, Resource } from '../../../src/kubernetes/object.ts'
import { esoCrds } from '../../../src/sandbox/external-secrets/crds.ts'
import { resourceVersionOf } from '../../../src/sandbox/external-secrets/refresh.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { annotation } from '../../../src/steps/rotation/external-secrets.ts'
import { type Sandbox, startSandbox } from '../../kubernetes/sandbox.ts'
import { externalSecret } from './fixture.ts'

export const onepassword = { kind: 'ClusterSecretStore', name: 'onepassword' }
const data = [{ secretKey: 'v', remoteRef: { key: 'item', property: 'field' } }]

/** An API server with ESO's kinds, in which the test itself plays the operator. */
export interface Stage {
  sandbox: Sandbox
  cluster: Cluster
  resource: Resource
  /** Puts an ExternalSecret of `apps` there that reads from `onepassword` and has synchronised, unless told otherwise. */
  put(name: string, spec?: object, status?: object): void
  get(name: string): KubernetesObject
  /** As after a sync of what is there now. */
  sync(name: string): void
  /** As after a sync that failed with this text. */
  fail(name: string, message: string): void
  /** Calls `then` whenever somebody has changed our annotation, until it gives true. */
  onForced(then: (name: string) => void): void
  /** The names that were patched, in order. */
  patched(): string[]
}

/** A stage for each test of a file. */
export function stages(): Stage {
  const stage = {} as Stage
  const stops: (() => void)[] = []
  let count = 0
  const status = (name: string, next: object) => stage.sandbox.server.store.status(kinds.externalSecret, 'apps', name, next)
  const time = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z')

  beforeEach(async () => {
    stage.sandbox = await startSandbox({ crds: esoCrds(2, 6, {}) })
    stage.cluster = stage.sandbox.cluster
    stage.resource = (await stage.cluster.resource('external-secrets.io', 'ExternalSecret')) as Resource
    const { store } = stage.sandbox.server
    store.put({ apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: 'onepassword' } }, 'test')
    store.status(kinds.clusterSecretStore, undefined, 'onepassword', { conditions: [{ type: 'Ready', status: 'True' }] })
  })
  afterEach(async () => {
    for (const stop of stops.splice(0)) stop()
    await stage.sandbox.close()
  })

  stage.get = (name) => stage.sandbox.server.store.get(kinds.externalSecret, 'apps', name) as KubernetesObject
  stage.sync = (name) => {
    const ready = { type: 'Ready', status: 'True', reason: 'SecretSynced' }
    status(name, { conditions: [ready], refreshTime: time(), syncedResourceVersion: resourceVersionOf(stage.get(name)) })
  }
  stage.put = (name, spec = {}, state) => {
    stage.sandbox.server.store.put(externalSecret(name, { secretStoreRef: onepassword, data, ...spec }), 'test')
    if (state === undefined) stage.sync(name)
    else status(name, state)
  }
  stage.fail = (name, message) => {
    const { uid } = stage.get(name).metadata
    const involvedObject = { kind: 'ExternalSecret', name, namespace: 'apps', uid }
    const metadata = { name: `${name}.${++count}`, namespace: 'apps' }
    const event = { type: 'Warning', reason: 'UpdateFailed', message, involvedObject, count, lastTimestamp: time() }
    stage.sandbox.server.store.put({ apiVersion: 'v1', kind: 'Event', metadata, ...event }, 'test')
    const ready = { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message: 'could not get secret data from provider' }
    status(name, { ...stage.get(name)['status'], conditions: [ready] })
  }
  stage.onForced = (then) => {
    stops.push(
      stage.sandbox.server.store.onChange(({ type, object, previous }) => {
        const value = (each: KubernetesObject | undefined) => each?.metadata.annotations?.[annotation]
        if (object.kind !== 'ExternalSecret' || type === 'DELETED' || value(object) === value(previous)) return
        setImmediate(() => then(object.metadata.name))
      }),
    )
  }
  stage.patched = () =>
    stage.sandbox.server.log
      .filter(({ verb, resource }) => verb === 'patch' && resource === 'externalsecrets')
      .map(({ path }) => path.split('/').at(-1) ?? '')
  return stage
}

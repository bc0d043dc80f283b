import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { ApiServer } from '../../src/sandbox/api/server.ts'
import { fluxCrds } from '../../src/sandbox/flux/crds.ts'
import { type Sandbox, startSandbox } from '../kubernetes/sandbox.ts'

export type TestCluster = Sandbox

/** An API server with Flux's kinds, and our client for it. */
export async function startCluster(): Promise<TestCluster> {
  const sandbox = await startSandbox({ crds: fluxCrds({ 'app.kubernetes.io/version': 'v2.9.4' }) })
  sandbox.server.store.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }, 'test')
  return sandbox
}

export const kinds = {
  source: { group: 'source.toolkit.fluxcd.io', kind: 'GitRepository' },
  kustomization: { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' },
}

export function gitRepository(spec: object = {}, status?: object): KubernetesObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'flux-system', namespace: 'flux-system' },
    spec: { interval: '1m', url: 'ssh://git@example.test/home.git', ref: { branch: 'main' }, ...spec },
    ...(status && { status }),
  }
}

export function kustomization(name: string, spec: object = {}, status?: object): KubernetesObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    spec: { interval: '10m', path: `./${name}`, prune: true, sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...spec },
    ...(status && { status }),
  }
}

/** Puts the object and its status, which the API server keeps apart. */
export function put(server: ApiServer, object: KubernetesObject): void {
  const { status, ...rest } = object
  server.store.put(rest as KubernetesObject, 'test')
  const [group = ''] = object.apiVersion.split('/')
  if (status !== undefined)
    server.store.status({ group, kind: object.kind }, object.metadata.namespace, object.metadata.name, status as object)
}

/** Acts as a Flux controller: whenever an object is asked to reconcile, it gets the status that `answer` gives for it. */
export function actAsFlux(server: ApiServer, answer: (object: KubernetesObject, nth: number) => object | undefined): () => void {
  const handled = new Map<string, { request: string; times: number }>()
  return server.store.onChange(({ type, object }) => {
    const request = object.metadata.annotations?.['reconcile.fluxcd.io/requestedAt']
    const key = `${object.kind}/${object.metadata.name}`
    const before = handled.get(key)
    if (type === 'DELETED' || request === undefined || before?.request === request) return
    const times = (before?.times ?? 0) + 1
    handled.set(key, { request, times })
    const status = answer(object, times)
    const [group = ''] = object.apiVersion.split('/')
    if (status === undefined) return
    const told = { observedGeneration: object.metadata.generation, ...status, lastHandledReconcileAt: request }
    server.store.status({ group, kind: object.kind }, object.metadata.namespace, object.metadata.name, told)
  })
}

export const ready = { conditions: [{ type: 'Ready', status: 'True', reason: 'Succeeded', message: 'fine' }] }

export function failing(reason: string, message: string): object {
  return {
    conditions: [
      { type: 'Reconciling', status: 'True', reason: 'ProgressingWithRetry', message },
      { type: 'Ready', status: 'False', reason, message },
    ],
  }
}

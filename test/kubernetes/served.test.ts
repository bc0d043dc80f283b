import { expect, test } from 'vitest'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import type { KubernetesObject, Resource } from '../../src/kubernetes/object.ts'
import { whenServed } from '../../src/kubernetes/served.ts'

const widgets: Resource = { group: 'example.com', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true }
const definition = (established: 'True' | 'False'): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  status: { conditions: [{ type: 'Established', status: established }] },
})

/** An API server on which a CRD is established after one event, and known to discovery only after some more questions. */
function late(questions: number) {
  let asked = 0
  let now: KubernetesObject | undefined
  const cluster = {
    get: async () => now,
    async *watch() {
      yield { type: 'ADDED', object: definition('False') }
      now = definition('True')
      yield { type: 'MODIFIED', object: now }
    },
  } as unknown as Cluster
  const at = { definition: 'widgets.example.com', resource: async () => (++asked > questions ? widgets : undefined) }
  return { cluster, at, asked: () => asked }
}

test('a CRD that is established is waited for until discovery knows it', async () => {
  const { cluster, at, asked } = late(3)
  expect(await whenServed(cluster, at, { signal: new AbortController().signal, deadline: 5_000 })).toEqual(widgets)
  expect(asked()).toBe(4)
})

test('the deadline holds for both, and so does the signal', async () => {
  const never = late(Number.POSITIVE_INFINITY)
  const waiting = whenServed(never.cluster, never.at, { signal: new AbortController().signal, deadline: 300 })
  await expect(waiting).rejects.toMatchObject({ id: 'wait-deadline' })
  const stop = new AbortController()
  const stopped = whenServed(never.cluster, never.at, { signal: stop.signal, deadline: 60_000 })
  stop.abort(new Error('stopped'))
  await expect(stopped).rejects.toThrow()
})

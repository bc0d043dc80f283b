import { expect, test } from 'vitest'
import { createRegistry } from '../../../src/sandbox/api/resources.ts'
import { createStore, type StoreEvent } from '../../../src/sandbox/api/store.ts'

const kind = { group: 'apps', kind: 'Deployment' }
const deployment = (replicas: number, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app', namespace: 'default', ...more },
  spec: { replicas },
})

test('put sets uid, resourceVersion, generation and managedFields, and keeps the status', () => {
  const store = createStore(createRegistry())
  const made = store.put(deployment(1), 'flux')
  expect(made.metadata).toMatchObject({ generation: 1, resourceVersion: '1', uid: expect.any(String) })
  store.status(kind, 'default', 'app', { readyReplicas: 1 }, 'kcm')
  const changed = store.put(deployment(2), 'flux')
  expect(changed).toMatchObject({ metadata: { uid: made.metadata.uid, generation: 2, resourceVersion: '3' }, status: { readyReplicas: 1 } })
  expect(changed.metadata.managedFields?.map((entry) => [entry.manager, entry.subresource])).toEqual([
    ['flux', undefined],
    ['kcm', 'status'],
  ])
})

test('what is handed out or taken in is a copy', () => {
  const store = createStore(createRegistry())
  const mine = deployment(1)
  const handed = store.put(mine, 'me')
  mine.spec.replicas = 7
  handed['spec'].replicas = 8
  for (const each of store.list(kind)) each['spec'].replicas = 9
  expect(store.get(kind, 'default', 'app')?.['spec'].replicas).toBe(1)
})

test('a listener that writes is told of it after the others heard the first event', () => {
  const store = createStore(createRegistry())
  const heard: StoreEvent['type'][] = []
  store.onChange(({ type }) => {
    if (type === 'ADDED') store.status(kind, 'default', 'app', { seen: true })
  })
  const stop = store.onChange(({ type }) => heard.push(type))
  store.put(deployment(1), 'me')
  stop()
  store.remove(kind, 'default', 'app')
  expect(heard).toEqual(['ADDED', 'MODIFIED'])
})

test('the past is kept for watches, but not for ever', () => {
  const store = createStore(createRegistry())
  for (let replicas = 1; replicas <= 10; replicas++) store.put(deployment(replicas), 'me')
  expect(store.since(7)?.map((event) => event.resourceVersion)).toEqual([8, 9, 10])
  for (let replicas = 11; replicas <= 3000; replicas++) store.put(deployment(replicas), 'me')
  expect(store.since(7)).toBeUndefined()
  expect(store.since(2990)).toHaveLength(10)
})

test('objects with a finalizer stay until it is gone, whoever takes it off', () => {
  const store = createStore(createRegistry())
  store.put(deployment(1, { finalizers: ['x'] }), 'me')
  const marked = store.get(kind, 'default', 'app')
  if (marked) store.commit({ ...marked, metadata: { ...marked.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })
  expect(store.put(deployment(2, { finalizers: ['x'] }), 'me').metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z')
  store.put(deployment(2), 'me')
  expect(store.get(kind, 'default', 'app')).toBeUndefined()
})

import { expect, test } from 'vitest'
import { createRegistry } from '../../src/sandbox/api/resources.ts'
import { createStore } from '../../src/sandbox/api/store.ts'
import { type Controller, keyOf, runControllers } from '../../src/sandbox/controller.ts'
import { is, kinds } from '../../src/sandbox/kinds.ts'

const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: {} })

function world(reconcile: Controller['reconcile']) {
  const store = createStore(createRegistry())
  const concerns: Controller['concerns'] = (object) => (is(object, kinds.configMap) ? [keyOf(object)] : [])
  return { store, controllers: runControllers(store, [{ name: 'test', concerns, reconcile }]) }
}

test('settles when the last thing that came of a change is done', async () => {
  const { store, controllers } = world(async ({ name }) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (name.length < 5) store.put(configMap(`${name}x`), 'test')
    return undefined
  })
  store.put(configMap('a'), 'test')
  await controllers.settled()
  expect(store.list(kinds.configMap).map((each) => each.metadata.name)).toEqual(['a', 'ax', 'axx', 'axxx', 'axxxx'])
  await controllers.close()
})

test('waits for a retry that is near, not for one that is far', async () => {
  let looks = 0
  const { store, controllers } = world(async () => (++looks < 3 ? 5 : 3_600_000))
  store.put(configMap('a'), 'test')
  await controllers.settled()
  expect(looks).toBe(3)
  await controllers.close()
})

test('looks once at what changed often meanwhile', async () => {
  const seen: string[] = []
  const { store, controllers } = world(async ({ name }) => void seen.push(name))
  for (const value of ['1', '2', '3']) store.put({ ...configMap('a'), data: { value } }, 'test')
  store.put(configMap('b'), 'test')
  await controllers.settled()
  expect(seen).toEqual(['a', 'b'])
  await controllers.close()
})

test('settled tells of an error that no actor may have', async () => {
  const { store, controllers } = world(() => Promise.reject(new TypeError('a bug')))
  store.put(configMap('a'), 'test')
  await expect(controllers.settled()).rejects.toThrow('a bug')
  await controllers.close()
})

test('after close nothing is looked at, and nobody waits', async () => {
  let looks = 0
  const { store, controllers } = world(async () => void looks++)
  await controllers.close()
  store.put(configMap('a'), 'test')
  await new Promise((resolve) => setImmediate(resolve))
  expect(looks).toBe(0)
})

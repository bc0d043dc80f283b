import { describe, expect, it } from 'vitest'
import { survey } from '../../../src/steps/rotation/survey.ts'
import { startSandbox } from '../../kubernetes/sandbox.ts'
import { onepassword, stages } from './operator.ts'

const stage = stages()
const never = new AbortController().signal
const of = async (...stores: { kind: string; name: string; namespace?: string }[]) => {
  const found = await survey(stage.cluster, stores, never)
  if (found === undefined) throw new Error('nothing was surveyed')
  return found
}
const failing = { conditions: [{ type: 'Ready', status: 'False' }], syncedResourceVersion: '1-x' }
const generator = { dataFrom: [{ sourceRef: { generatorRef: { kind: 'Password', name: 'p' } } }] }

describe('a survey', () => {
  it('counts who reads from a store, and takes a Ready one that can be forced as the best', async () => {
    stage.put('a-failing', {}, failing)
    stage.put('b-created-once', { refreshPolicy: 'CreatedOnce' })
    stage.put('c-two-stores', { dataFrom: [{ extract: { key: 'x' }, sourceRef: { storeRef: { kind: 'SecretStore', name: 'own' } } }] })
    stage.put('d-best')
    stage.put('e-another')
    stage.put('f-elsewhere', { secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' } })
    const found = await of(
      onepassword,
      { kind: 'SecretStore', name: 'own', namespace: 'apps' },
      { kind: 'SecretStore', name: 'own', namespace: 'x' },
    )
    expect(found).toMatchObject({ forceable: 4, unforced: { 'created-once': 1 }, notReady: 1, generated: { count: 0, names: [] } })
    expect(found.stores.map(({ count, best }) => [count, best])).toEqual([
      [5, { namespace: 'apps', name: 'd-best', ready: true }],
      [1, { namespace: 'apps', name: 'c-two-stores', ready: true }],
      [0, undefined],
    ])
    expect(Object.keys(found.stores[2] ?? {})).toEqual(['store', 'count'])
  })

  it('takes one that is not Ready where there is no other', async () => {
    stage.put('a', {}, failing)
    const [use] = (await of(onepassword)).stores
    expect(use?.best).toEqual({ namespace: 'apps', name: 'a', ready: false })
  })

  it('knows something that can be read where none can be forced', async () => {
    const data = (key: string) => [{ secretKey: 'v', remoteRef: { key, property: 'p' } }]
    stage.put('a', { refreshPolicy: 'CreatedOnce', data: data('broken') }, failing)
    stage.put('b', { refreshInterval: '0s', data: data('read') })
    stage.put('c', { refreshInterval: '0s', data: data('later') })
    const [use] = (await of(onepassword)).stores
    expect(use).toEqual({ store: onepassword, count: 3, readable: { namespace: 'apps', key: 'read', property: 'p' } })
  })

  it('names five of those that a generator feeds, and none of them is the best', async () => {
    for (let nth = 1; nth <= 7; nth++) stage.put(`generated-${nth}`, generator)
    const found = await of(onepassword)
    expect(found.generated).toEqual({ count: 7, names: [1, 2, 3, 4, 5].map((nth) => `apps/generated-${nth}`) })
    expect(found).toMatchObject({ forceable: 0, unforced: { generator: 7 }, stores: [{ count: 7 }] })
    expect(found.stores[0]).not.toHaveProperty('best')
  })

  it('reads page by page and once', async () => {
    for (let nth = 0; nth < 101; nth++) stage.put(`many-${nth}`, {}, failing)
    expect((await of(onepassword)).stores[0]?.count).toBe(101)
    const lists = stage.sandbox.server.log.filter(({ verb }) => verb === 'list')
    expect(lists.map(({ resource, query }) => [resource, query.replace(/continue=.*/, 'continue')])).toEqual([
      ['externalsecrets', 'limit=100'],
      ['externalsecrets', 'limit=100&continue'],
    ])
  })
})

it('there is nothing to survey where there is no such kind', async () => {
  const sandbox = await startSandbox()
  expect(await survey(sandbox.cluster, [onepassword], never)).toBeUndefined()
  await sandbox.close()
})

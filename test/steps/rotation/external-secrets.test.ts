import { describe, expect, it, test } from 'vitest'
import {
  annotation,
  isGenerated,
  isSyncedSince,
  remoteRefOf,
  storeKey,
  storesOf,
  syncOf,
  whyUnforced,
} from '../../../src/steps/rotation/external-secrets.ts'
import { externalSecret } from './fixture.ts'

const cluster = { kind: 'ClusterSecretStore', name: 'onepassword' }
const own = { kind: 'SecretStore', name: 'onepassword' }
const entry = (key: string, storeRef?: object) => ({ secretKey: 'v', remoteRef: { key }, ...(storeRef && { sourceRef: { storeRef } }) })
const generatorRef = { kind: 'Password', name: 'p', apiVersion: 'generators.external-secrets.io/v1alpha1' }

describe('the stores that an ExternalSecret reads from', () => {
  it.each([
    ['its own', { secretStoreRef: cluster, data: [entry('a'), entry('b')] }, [cluster]],
    [
      'a SecretStore of its namespace, which is the kind unless told',
      { secretStoreRef: { name: 'x' }, data: [entry('a')] },
      ['SecretStore apps/x'],
    ],
    [
      'those of its entries',
      { data: [entry('a', own)], dataFrom: [{ extract: { key: 'b' }, sourceRef: { storeRef: cluster } }] },
      ['SecretStore apps/onepassword', cluster],
    ],
    [
      'its own for entries that name none',
      { secretStoreRef: { name: 'x' }, data: [entry('a', cluster)], dataFrom: [{ find: {} }] },
      [cluster, 'SecretStore apps/x'],
    ],
    ['not its own, if each entry names another', { secretStoreRef: { name: 'x' }, data: [entry('a', cluster)] }, [cluster]],
    ['none, if all comes from a generator', { secretStoreRef: cluster, dataFrom: [{ sourceRef: { generatorRef } }] }, []],
    ['none, if nothing is read', {}, []],
  ])('%s', (_, spec, stores) => {
    const keys = stores.map((store) => (typeof store === 'string' ? store : storeKey(store)))
    expect(storesOf(externalSecret('a', spec)).map(storeKey)).toEqual(keys)
  })

  it('are not those of the same name in another namespace', () => {
    const [store] = storesOf(externalSecret('a', { secretStoreRef: own, data: [entry('k')] }))
    expect(store && storeKey(store)).not.toBe(storeKey({ ...own, namespace: 'other' }))
  })
})

describe('what can be forced', () => {
  const data = [entry('a')]
  const synced = { syncedResourceVersion: '1-abc' }
  it.each([
    ['by default', {}, synced, undefined],
    ['with an interval', { refreshInterval: '1h0m0s' }, synced, undefined],
    ['OnChange, whatever the interval', { refreshPolicy: 'OnChange', refreshInterval: '0' }, synced, undefined],
    ['CreatedOnce', { refreshPolicy: 'CreatedOnce' }, synced, 'created-once'],
    ['0', { refreshInterval: '0' }, synced, 'never-refreshed'],
    ['0s', { refreshInterval: '0s' }, synced, 'never-refreshed'],
    ['0h0m0s', { refreshPolicy: 'Periodic', refreshInterval: '0h0m0s' }, synced, 'never-refreshed'],
    ['0s that never synchronised', { refreshInterval: '0s' }, {}, undefined],
    ['windows', { syncWindows: { kind: 'allow', windows: [] } }, synced, 'sync-windows'],
    ['windows with OnChange, which heeds none', { refreshPolicy: 'OnChange', syncWindows: { kind: 'allow' } }, synced, undefined],
    ['a generator', { dataFrom: [{ sourceRef: { generatorRef } }] }, synced, 'generator'],
    ['a generator beside a store', { dataFrom: [{ extract: { key: 'a' } }, { sourceRef: { generatorRef } }] }, synced, 'generator'],
    ['a generator in data', { data: [{ secretKey: 'v', remoteRef: { key: 'a' }, sourceRef: { generatorRef } }] }, synced, 'generator'],
  ])('%s', (_, spec, status, why) => {
    const object = externalSecret('a', { secretStoreRef: cluster, data, ...spec }, status)
    expect(whyUnforced(object)).toBe(why)
    expect(isGenerated(object)).toBe(why === 'generator')
  })

  it('is not what is being deleted, nor what a ClusterExternalSecret has made', () => {
    const object = externalSecret('a', { data })
    expect(whyUnforced({ ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })).toBe('being-deleted')
    const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterExternalSecret', name: 'x', uid: 'u', controller: true }
    expect(whyUnforced({ ...object, metadata: { ...object.metadata, ownerReferences: [owner] } })).toBe('cluster-external-secret')
  })
})

test('what an ExternalSecret asks a store for is its first entry that is read from there', () => {
  const data = [entry('other', own), { secretKey: 'v', remoteRef: { key: 'login', property: 'password', version: '1' } }, entry('third')]
  const object = externalSecret('a', { secretStoreRef: cluster, data })
  expect(remoteRefOf(object, cluster)).toEqual({ key: 'login', property: 'password' })
  expect(remoteRefOf(object, { ...own, namespace: 'apps' })).toEqual({ key: 'other' })
  expect(remoteRefOf(object, { ...cluster, name: 'another' })).toBeUndefined()
  expect(remoteRefOf(externalSecret('a', { secretStoreRef: cluster, dataFrom: [{ extract: { key: 'x' } }] }), cluster)).toBeUndefined()
})

describe('a sync is proven', () => {
  const value = 'run-1'
  const at = (second: number) => `2026-01-01T00:00:0${second}Z`
  const ready = (status = 'True') => [{ type: 'Ready', status }]
  const state = (annotated: string, syncedResourceVersion: string, second: number, conditions = ready()) => ({
    ...externalSecret('a', {}, { syncedResourceVersion, refreshTime: at(second), conditions }),
    metadata: { name: 'a', namespace: 'apps', annotations: { [annotation]: annotated } },
  })
  const before = syncOf(state('run-1.1', '1-old', 5))

  it.each([
    ['by another version', state('run-1.1', '1-new', 6), true],
    ['in the same second too, for no clocks are compared', state('run-1.1', '1-new', 5), true],
    ['after a second patch of the same run', state('run-1.2', '1-new', 6), true],
    ['not by the version that was there', state('run-1.1', '1-old', 6), false],
    ['not while it is not Ready', state('run-1.1', '1-new', 6, ready('False')), false],
    ['not by a state from before the patch, however late it is seen', state('run-0.1', '1-older', 5), false],
    ['not by an older time', state('run-1.1', '1-new', 4), false],
    ['not without a version', state('run-1.1', '', 6), false],
  ])('%s', (_, object, proven) => {
    expect(isSyncedSince(before, value, object)).toBe(proven)
  })

  it('for one that has never synchronised, by its first', () => {
    const never = syncOf(externalSecret('a', {}))
    expect(isSyncedSince(never, value, externalSecret('a', {}))).toBe(false)
    expect(isSyncedSince(never, value, state('run-1.1', '1-new', 1))).toBe(true)
  })
})

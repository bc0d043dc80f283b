import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../../../src/failure.ts'
import { annotation } from '../../../src/steps/rotation/external-secrets.ts'
import { forceOne } from '../../../src/steps/rotation/force.ts'
import { onepassword, stages } from './operator.ts'

const stage = stages()
let stop: AbortController
beforeEach(() => {
  stop = new AbortController()
})
afterEach(() => stop.abort())

const at = (name: string) => ({ namespace: 'apps', name })
const force = (name: string, deadline = 20_000) => forceOne(stage.cluster, stage.resource, at(name), { signal: stop.signal, deadline })
const failureOf = (work: Promise<void>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )
const missing = (key: string) => `error processing spec.data[0] (key: ${key}), err: key not found in 1Password Vaults: ${key} in: map[v:1]`

describe('forcing one', () => {
  it('changes its annotation, and ends when it has synchronised after that', async () => {
    stage.put('a')
    const before = stage.get('a')['status'].syncedResourceVersion
    stage.onForced(stage.sync)
    await force('a')
    expect(stage.patched()).toEqual(['a'])
    expect(stage.get('a')['status'].syncedResourceVersion).not.toBe(before)
    const { managedFields } = stage.get('a').metadata
    expect(managedFields?.find(({ manager }) => manager === 'eso-bootstrap')?.fieldsV1).toEqual({
      'f:metadata': { 'f:annotations': { '.': {}, [`f:${annotation}`]: {} } },
    })
  })

  it('is not ended by a sync that was there before, nor by one that had begun before', async () => {
    stage.put('a')
    stage.onForced((name) => {
      // As an operator without the lock of resourceVersion would: the status of what it read before the patch, at a later time.
      const { status } = stage.get(name)
      const refreshTime = new Date(Date.now() + 5_000).toISOString()
      stage.sandbox.server.store.status({ group: 'external-secrets.io', kind: 'ExternalSecret' }, 'apps', name, { ...status, refreshTime })
    })
    expect(await failureOf(force('a', 500))).toMatchObject({ id: 'sync-failed' })
  })

  it('waits for one that fails at first, and forces it again: the operator’s own retries slow down', async () => {
    stage.put('a')
    let forced = 0
    stage.onForced((name) => (++forced < 3 ? stage.fail(name, 'ClusterSecretStore "onepassword" is not ready') : stage.sync(name)))
    await force('a')
    expect(stage.patched()).toEqual(['a', 'a', 'a'])
  })

  it('ends early with a cause that is known', async () => {
    stage.put('a')
    stage.onForced((name) => stage.fail(name, "expected one 1Password ItemField matching: 'f' in 'item', got 0"))
    expect(await failureOf(force('a'))).toMatchObject({ id: 'field-not-found', exit: 'partly' })
  })

  it('is not told why by what was said in the past', async () => {
    stage.put('a')
    stage.fail('a', "expected one 1Password Item matching: 'item', got 2")
    stage.onForced((name) => stage.fail(name, 'something else'))
    expect(await failureOf(force('a', 2_500))).toMatchObject({ id: 'sync-failed', why: 'The last that was said of it: something else' })
  })

  it('says at its deadline what was said last, which is why the store isn’t Ready', async () => {
    stage.put('a')
    const { store } = stage.sandbox.server
    const involvedObject = { kind: onepassword.kind, name: onepassword.name }
    const metadata = { name: 'store.1', namespace: 'default' }
    store.put({ apiVersion: 'v1', kind: 'Event', metadata, type: 'Warning', message: 'what only a store knows', involvedObject }, 'test')
    store.status({ group: 'external-secrets.io', kind: onepassword.kind }, undefined, onepassword.name, {
      conditions: [{ type: 'Ready', status: 'False' }],
    })
    stage.onForced((name) => stage.fail(name, 'error processing spec.data[0] (key: k), err: ClusterSecretStore "onepassword" is not ready'))
    expect(await failureOf(force('a', 2_500))).toMatchObject({
      id: 'sync-failed',
      exit: 'partly',
      message: 'ExternalSecret apps/a was not synchronised within 3 s.',
      why: 'The last that was said of it: what only a store knows',
      fix: ['kubectl describe externalsecret a -n apps'],
    })
  })

  it('says at its deadline that nothing was said', async () => {
    stage.put('a')
    expect(await failureOf(force('a', 300))).toMatchObject({ id: 'sync-failed', why: 'Nothing was reported about it.' })
  })

  it('recognises a cause at its deadline that might still have healed', async () => {
    stage.put('a')
    stage.onForced((name) => stage.fail(name, missing('item')))
    expect(await failureOf(force('a', 2_000))).toMatchObject({ id: 'item-not-found' })
  })

  it('ends when it is deleted, or was never there', async () => {
    stage.put('a')
    stage.onForced((name) => stage.sandbox.server.store.remove({ group: 'external-secrets.io', kind: 'ExternalSecret' }, 'apps', name))
    expect(await failureOf(force('a'))).toMatchObject({ id: 'sync-failed', message: expect.stringContaining('was deleted') })
    expect(await failureOf(force('b'))).toMatchObject({ id: 'sync-failed', message: expect.stringContaining('was deleted') })
  })

  it('outlasts a server that is busy, and not one that forbids', async () => {
    stage.put('a')
    stage.onForced(stage.sync)
    stage.sandbox.server.inject({ match: { verb: 'patch' }, answer: { status: 500, reason: 'InternalError', message: 'x' } })
    await force('a')
    stage.sandbox.server.allow('reader', [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }])
    const reader = await stage.sandbox.connect('reader')
    const forced = forceOne(reader, stage.resource, at('a'), { signal: stop.signal, deadline: 5_000 })
    expect(await failureOf(forced)).toMatchObject({ id: 'forbidden' })
    stage.sandbox.server.allow('patcher', [{ apiGroups: ['*'], resources: ['externalsecrets'], verbs: ['patch'] }])
    const blind = forceOne(await stage.sandbox.connect('patcher'), stage.resource, at('a'), { signal: stop.signal, deadline: 5_000 })
    expect(await failureOf(blind)).toMatchObject({ id: 'forbidden' })
  })

  it('ends at once with the reason of an abort, and leaves nothing running', async () => {
    stage.put('a')
    const reason = new Failure({ id: 'interrupted', exit: 'interrupted', what: 'Ctrl-C' })
    stage.onForced(() => stop.abort(reason))
    expect(await failureOf(force('a'))).toBe(reason)
    const requests = stage.sandbox.server.log.length
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(stage.sandbox.server.log).toHaveLength(requests)
  })
})

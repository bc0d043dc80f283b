import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { annotation } from '../../../src/steps/rotation/external-secrets.ts'
import { type ForceAllOptions, forceAll } from '../../../src/steps/rotation/force-all.ts'
import { onepassword, stages } from './operator.ts'

const stage = stages()
const kind = { group: 'external-secrets.io', kind: 'ExternalSecret' }
let stop: AbortController
beforeEach(() => {
  stop = new AbortController()
})
afterEach(() => stop.abort())

const all = (options: Partial<ForceAllOptions> = {}, cluster = stage.cluster) =>
  forceAll(cluster, stage.resource, {
    stores: [onepassword],
    except: [],
    total: 0,
    tell: () => {},
    signal: stop.signal,
    ...options,
  })
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )
const names = (count: number) => Array.from({ length: count }, (_, nth) => `es-${String(nth).padStart(3, '0')}`)
const failing = { conditions: [{ type: 'Ready', status: 'False', message: 'as before' }] }

describe('forcing all', () => {
  it('forces each that reads from the stores once, but for those that were forced already, with one watch', async () => {
    for (const name of names(60)) stage.put(name)
    stage.put('elsewhere', { secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' } })
    stage.onForced(stage.sync)
    const told: string[] = []
    const except = [{ namespace: 'apps', name: 'es-007' }]
    const forced = await all({ except, total: 59, tell: (done, total) => told.push(`${done}/${total}`) })
    expect(forced).toEqual({ synced: 59, skipped: 0, wereFailing: { count: 0, names: [] } })
    expect(stage.patched().toSorted()).toEqual(names(60).filter((name) => name !== 'es-007'))
    expect(told).toEqual(Array.from({ length: 59 }, (_, nth) => `${nth + 1}/59`))
    const watches = stage.sandbox.server.log.filter(({ verb }) => verb === 'watch')
    expect(watches.map(({ path }) => path)).toEqual(['/apis/external-secrets.io/v1/externalsecrets'])
  })

  it('never touches those that would not heed it, nor those that a generator feeds', async () => {
    stage.put('created-once', { refreshPolicy: 'CreatedOnce' })
    stage.put('never', { refreshInterval: '0s' })
    stage.put('generated', { dataFrom: [{ sourceRef: { generatorRef: { kind: 'Password', name: 'p' } } }] })
    stage.put('windows', { syncWindows: { kind: 'deny', windows: [] } })
    stage.put('on-change', { refreshPolicy: 'OnChange', refreshInterval: '0s' })
    stage.onForced(stage.sync)
    expect(await all()).toMatchObject({ synced: 1, skipped: 4 })
    expect(stage.patched()).toEqual(['on-change'])
    expect(stage.get('generated').metadata.annotations?.[annotation]).toBeUndefined()
  })

  it('has 32 in flight, and the next only when one of them has landed', async () => {
    for (const name of names(200)) stage.put(name)
    const waiting: string[] = []
    let forced = 0
    let landed = 0
    let most = 0
    const land = (name: string) => {
      landed += 1
      stage.sync(name)
    }
    stage.onForced((name) => {
      waiting.push(name)
      forced += 1
      most = Math.max(most, stage.patched().length - landed)
      if (forced === 200) for (const each of waiting.splice(0)) land(each)
      else if (waiting.length === 32) land(waiting.shift() ?? '')
    })
    expect(await all()).toMatchObject({ synced: 200 })
    expect(most).toBe(32)
  })

  it('counts those that failed before and still do, names five of them, and waits for none of them', async () => {
    for (const name of names(7)) stage.put(name, {}, failing)
    stage.put('healed', {}, failing)
    stage.onForced((name) => (name === 'healed' ? stage.sync(name) : stage.fail(name, 'still the same')))
    const forced = await all()
    const { wereFailing } = forced
    expect(forced).toMatchObject({ synced: 1, wereFailing: { count: 7 } })
    expect(wereFailing.names).toHaveLength(5)
    expect(names(7).map((name) => `apps/${name}`)).toEqual(expect.arrayContaining(wereFailing.names))
  })

  it('fails where one was Ready and has not synchronised by its deadline, and names it', async () => {
    for (const name of names(3)) stage.put(name)
    stage.onForced((name) => name !== 'es-001' && stage.sync(name))
    expect(await failureOf(all({ deadline: 500, total: 3 }))).toMatchObject({
      id: 'sync-failed',
      exit: 'partly',
      message: 'An ExternalSecret that was Ready was not synchronised: apps/es-001.',
      why: '2 of 3 were. ExternalSecret apps/es-001 was not synchronised within 1 s. Nothing was reported about it.',
    })
  })

  it('fails with the cause, if that is known', async () => {
    for (const name of names(3)) stage.put(name)
    stage.onForced((name) =>
      name === 'es-001' ? stage.fail(name, "expected one 1Password ItemField matching: 'f' in 'item', got 0") : stage.sync(name),
    )
    expect(await failureOf(all({ total: 3 }))).toMatchObject({
      id: 'sync-failed',
      message: 'An ExternalSecret that was Ready was not synchronised: apps/es-001.',
      why: expect.stringContaining('The item "item" has 0 fields with the label "f"'),
    })
  })

  it('gives up when five have failed: more would only be more of the same', async () => {
    for (const name of names(100)) stage.put(name)
    const failure = await failureOf(all({ deadline: 300, total: 100 }))
    expect(failure).toMatchObject({ id: 'sync-failed', message: expect.stringMatching(/^5 ExternalSecrets .*(apps\/es-\d+(, )?){5}\.$/) })
    expect(new Set(stage.patched()).size).toBeLessThan(64)
  })

  it('lets those go that are deleted meanwhile', async () => {
    for (const name of names(3)) stage.put(name)
    stage.onForced((name) => (name === 'es-001' ? stage.sandbox.server.store.remove(kind, 'apps', name) : stage.sync(name)))
    expect(await all()).toMatchObject({ synced: 2, skipped: 1 })
  })

  it('loses none through a watch that breaks and a history that is gone', async () => {
    for (const name of names(100)) stage.put(name)
    let forced = 0
    stage.onForced((name) => {
      if (++forced === 50) stage.sandbox.server.disconnect()
      stage.sync(name)
      if (forced === 50) stage.sandbox.server.compact()
    })
    expect(await all()).toMatchObject({ synced: 100 })
  })

  it('ends at once with the reason of an abort, in the middle, and forces no other', async () => {
    for (const name of names(200)) stage.put(name)
    const reason = new Error('Ctrl-C')
    let forced = 0
    let patched = 0
    stage.onForced((name) => {
      stage.sync(name)
      if (++forced !== 50) return
      stop.abort(reason)
      patched = stage.patched().length
    })
    expect(await failureOf(all())).toBe(reason)
    await new Promise((resolve) => setTimeout(resolve, 300))
    // Those that were under way arrive all the same.
    expect(stage.patched().length - patched).toBeLessThanOrEqual(32)
  })

  it('ends with the first refusal that would meet all', async () => {
    for (const name of names(100)) stage.put(name)
    stage.sandbox.server.allow('reader', [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }])
    expect(await failureOf(all({}, await stage.sandbox.connect('reader')))).toMatchObject({ id: 'forbidden' })
    expect(stage.patched().length).toBeLessThanOrEqual(64)
    stage.sandbox.server.allow('lister', [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'patch'] }])
    expect(await failureOf(all({}, await stage.sandbox.connect('lister')))).toMatchObject({ id: 'forbidden' })
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { reportIn } from './schema.ts'
import { appValue, openStage, type Stage } from './stage.ts'
import { kustomizationFile, storesFile } from './trees.ts'
import { holdGit, onRequest } from './trip.ts'

let stage: Stage
afterEach(() => stage?.close())

describe('two runs at once', () => {
  test('the one that comes later ends 6, names the other, and changes nothing; the first goes on to the end', async () => {
    stage = await openStage()
    const hold = await holdGit(stage, "*' push --porcelain '*", 'before')
    const first = stage.begin({ output: 'json' })
    await hold.reached()
    stage.writes()
    const second = reportIn(await stage.init({ output: 'json' }))
    expect(second).toMatchObject({ exitCode: 6, verdict: 'failed', errors: [{ id: 'busy' }] })
    expect(second.errors[0]?.what).toMatch(/Another run is at work on the namespace external-secrets: \S+@\S+ [0-9a-f]{8} since /)
    expect(stage.writes()).toEqual([])
    await hold.letGo()
    expect(reportIn(await first.ended)).toMatchObject({ exitCode: 0, verdict: 'configured' })
    await hold.end()
    expect(await stage.remote('rev-list', '--count', 'main')).toBe('2\n')
  })

  test('both at the same moment: one wins, and it is whole', async () => {
    stage = await openStage()
    const reports = (await Promise.all([stage.init({ output: 'json' }), stage.init({ output: 'json' })])).map(reportIn)
    expect(reports.map(({ exitCode }) => exitCode).sort()).toEqual([0, 6])
    const namespace = stage.sandbox.api.store.get(kinds.namespace, undefined, 'external-secrets')
    expect(namespace?.metadata.annotations).toEqual({ 'kustomize.toolkit.fluxcd.io/prune': 'disabled' })
    expect(await stage.remote('rev-list', '--count', 'main')).toBe('2\n')
    expect(await appValue(stage)).toBe(stage.sandbox.item.value)
  })

  test('the lock is lost on the way: the run stops', async () => {
    stage = await openStage()
    const { store } = stage.sandbox.api
    const stop = onRequest(stage, 'patch secrets/onepassword-connect-token', () => {
      const lease = store.get({ group: 'coordination.k8s.io', kind: 'Lease' }, 'external-secrets', 'eso-bootstrap')
      if (lease) store.put({ ...lease, spec: { ...lease['spec'], holderIdentity: 'somebody else' } }, 'somebody')
    })
    const report = reportIn(await stage.init({ output: 'json' }))
    stop()
    // It is noticed at the next renewal, which may come after the end; but the lease of another is never taken away.
    const lease = store.get({ group: 'coordination.k8s.io', kind: 'Lease' }, 'external-secrets', 'eso-bootstrap')
    expect(lease?.['spec'].holderIdentity).toBe('somebody else')
    expect([0, 6]).toContain(report.exitCode)
  })
})

test('both at the same moment where there is no namespace yet', async () => {
  stage = await openStage({ files: {} })
  const flags = { scaffold: true, output: 'json' } as const
  const reports = (await Promise.all([stage.init(flags), stage.init(flags)])).map(reportIn)
  expect(reports.map(({ exitCode }) => exitCode).sort()).toEqual([0, 6])
  expect(stage.sandbox.api.store.get(kinds.namespace, undefined, 'external-secrets')?.metadata.annotations).toEqual({
    'kustomize.toolkit.fluxcd.io/prune': 'disabled',
  })
})

describe('nothing syncs when', () => {
  test('the commit isn’t pushed', async () => {
    stage = await openStage()
    await stage.init({ git: 'commit' })
    expect(await appValue(stage)).toBeUndefined()
  })

  test('the vault in the commit is another one', async () => {
    stage = await openStage()
    const ended = reportIn(await stage.init({ vault: 'homelab', timeout: '2s', output: 'json' }))
    expect(ended).toMatchObject({ exitCode: 5, errors: [{ id: 'vault-not-found' }] })
    expect(await appValue(stage)).toBeUndefined()
  })

  test('an entry is left out', async () => {
    stage = await openStage()
    await stage.init({ git: 'none' })
    const text = (await stage.git('show', `HEAD:${kustomizationFile}`)).replace('# - secretstores', '- secretstores')
    await stage.sandbox.clone.commit({ [kustomizationFile]: text }, 'The stores alone')
    stage.sandbox.api.store.list(kinds.gitRepository)
    expect(await stage.init({ 'dry-run': true })).toMatchObject({ code: 0 })
    expect(await appValue(stage)).toBeUndefined()
    expect(await stage.remote('show', `main:${storesFile}`)).toContain('catalyst-eso')
  })

  test('the Secret holds the credentials in the other encoding when Connect starts; the next run puts it right', async () => {
    stage = await openStage()
    await stage.init()
    const { store } = stage.sandbox.api
    const secret = store.get(kinds.secret, 'external-secrets', 'onepassword-connect-secret')
    if (secret === undefined) throw new Error('init has written no Secret')
    const key = '1password-credentials.json'
    const json = Buffer.from(secretValue(stage.sandbox, 'onepassword-connect-secret', key) ?? '', 'base64').toString()
    // As the same manager, so that nobody else owns it.
    store.commit({ ...secret, data: { [key]: Buffer.from(json).toString('base64') } })
    for (const pod of store.list(kinds.pod, 'external-secrets')) store.remove(kinds.pod, 'external-secrets', pod.metadata.name)
    expect(await appValue(stage)).toBeUndefined()

    const report = reportIn(await stage.init({ output: 'json' }))
    expect(report).toMatchObject({ exitCode: 0, verdict: 'configured' })
    expect(await appValue(stage)).toBe(stage.sandbox.item.value)
  })
})

test('a new token alone: the stores are asked again, and Connect isn’t restarted', async () => {
  stage = await openStage()
  await stage.init()
  stage.writes()
  const report = reportIn(await stage.init({ token: stage.sandbox.newTokenPath, replace: true, output: 'json' }))
  expect(report).toMatchObject({ exitCode: 0 })
  const writes = stage.writes()
  expect(writes).toContain('patch secrets/onepassword-connect-token')
  expect(writes).toContain('patch clustersecretstores/onepassword')
  expect(writes).toContain('patch secretstores/onepassword')
  expect(writes.filter((write) => /deployments|onepassword-connect-secret/.test(write))).toEqual([])
})

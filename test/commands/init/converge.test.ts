import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { reportIn } from './schema.ts'
import { clusterAlike } from './snapshot.ts'
import { appValue, openStage, type Stage } from './stage.ts'
import { seed, storesFile } from './trees.ts'
import { onRequest } from './trip.ts'

const leases = { group: 'coordination.k8s.io', kind: 'Lease' }

/** The API server is gone from this request on, so that nothing can be taken back: what is left is as after a kill. */
function goneFrom(stage: Stage, name: string): () => void {
  const { log, inject } = stage.sandbox.api
  const stop = onRequest(stage, name, () => {
    inject({ answer: 'drop' })
    const push = log.push
    log.push = (...records) => {
      inject({ answer: 'drop' })
      return push.apply(log, records)
    }
  })
  return stop
}

/** A lease that nobody renews expires by itself. */
function expireLease({ sandbox }: Stage): void {
  const lease = sandbox.api.store.get(leases, 'external-secrets', 'eso-bootstrap')
  if (lease) sandbox.api.store.put({ ...lease, spec: { ...lease['spec'], renewTime: '2020-01-01T00:00:00.000000Z' } }, 'the-past')
}

const withoutValues = (stage: Stage) =>
  clusterAlike(stage)
    .filter(({ kind }) => kind !== 'Lease')
    .map((object) => (object.kind === 'Secret' ? { ...object, data: Object.keys(object['data']) } : object))

describe.concurrent('a run that is cut off, with nothing taken back, is continued by running it again', () => {
  let whole: ReturnType<typeof withoutValues>
  beforeAll(async () => {
    const stage = await openStage()
    await stage.init()
    whole = withoutValues(stage)
    await stage.close()
  })

  test.each([
    ['patch secrets/onepassword-connect-secret', ['namespace']],
    ['patch secrets/onepassword-connect-token', ['namespace', 'credentials']],
    ['patch gitrepositories/flux-system', []],
    ['patch kustomizations/external-secrets', []],
  ])('from %s on', { timeout: 60_000 }, async (name, remains) => {
    const stage = await openStage()
    try {
      const stop = goneFrom(stage, name)
      const cut = reportIn(await stage.init({ output: 'json', timeout: '5s' }))
      stop()
      expect(cut).toMatchObject({ exitCode: 5, verdict: 'failed' })
      expect(cut.steps.filter(({ state }) => state === 'not-undone').map(({ id }) => id)).toEqual(remains)
      expect(cut.next).toEqual(['Run the same command again: it goes on from what is there.'])
      expireLease(stage)
      await stage.sandbox.settled()

      expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ exitCode: 0 })
      expect(await stage.remote('rev-list', '--count', 'main')).toBe('2\n')
      expect(await stage.git('status', '--porcelain', '--branch')).toBe('## main...origin/main\n')
      expect(withoutValues(stage)).toEqual(whole)
      expect(await appValue(stage)).toBe(stage.sandbox.item.value)
    } finally {
      await stage.close()
    }
  })
})

describe('where the token lies', () => {
  let stage: Stage
  afterEach(() => stage?.close())

  test('both keys in one Secret: they keep each other, and the second run finds both', async () => {
    const files = await seed()
    stage = await openStage({
      files: { ...files, [storesFile]: (files[storesFile] ?? '').replaceAll('onepassword-connect-token', 'onepassword-connect-secret') },
    })
    expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ exitCode: 0, verdict: 'configured' })
    const secret = stage.sandbox.api.store.get(kinds.secret, 'external-secrets', 'onepassword-connect-secret')
    expect(Object.keys(secret?.['data']).sort()).toEqual(['1password-credentials.json', 'token'])
    expect(await appValue(stage)).toBe(stage.sandbox.item.value)
    expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ exitCode: 0, verdict: 'unchanged' })

    const report = reportIn(await stage.init({ token: stage.sandbox.newTokenPath, replace: true, output: 'json' }))
    expect(report).toMatchObject({ exitCode: 0 })
    const after = stage.sandbox.api.store.get(kinds.secret, 'external-secrets', 'onepassword-connect-secret')
    expect(after?.['data']['1password-credentials.json']).toBe(secret?.['data']['1password-credentials.json'])
    expect(after?.['data']['token']).not.toBe(secret?.['data']['token'])
  })

  test('both keys in one Secret, and the push fails: it is as if it had never been', async () => {
    const files = await seed()
    stage = await openStage({
      files: { ...files, [storesFile]: (files[storesFile] ?? '').replaceAll('onepassword-connect-token', 'onepassword-connect-secret') },
    })
    await stage.sandbox.origin.setHook('pre-receive', 'exit 1')
    expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ exitCode: 3 })
    expect(stage.sandbox.api.store.list(kinds.secret, 'external-secrets')).toEqual([])
  })

  test('a Secret for each store', async () => {
    const files = await seed()
    const [cluster = '', own = ''] = (files[storesFile] ?? '').split('\n---\n').filter((text) => text.includes('kind:'))
    const text = [cluster, own.replace('name: onepassword-connect-token', 'name: team-token')].join('\n---\n')
    stage = await openStage({ files: { ...files, [storesFile]: text } })
    expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ exitCode: 0, verdict: 'configured' })
    const values = ['onepassword-connect-token', 'team-token'].map((name) => secretValue(stage.sandbox, name, 'token'))
    expect(values[0]).toBeDefined()
    expect(values[1]).toBe(values[0])
  })
})

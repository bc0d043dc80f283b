import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { reportIn } from './schema.ts'
import { clusterAlike, snapshot } from './snapshot.ts'
import { appValue, openStage, type Stage, said } from './stage.ts'
import { gitThat, holdGit, onRequest } from './trip.ts'

let stage: Stage
let before: Awaited<ReturnType<typeof snapshot>>
beforeAll(async () => {
  stage = await openStage()
  before = await snapshot(stage)
})
afterAll(() => stage?.close())
afterEach(() => gitThat(stage))

const commit = "*' commit --quiet '*"
const push = "*' push --porcelain '*"

describe('an interruption before the push takes everything back', () => {
  test.each([
    'create selfsubjectaccessreviews',
    'patch namespaces/external-secrets',
    'create leases',
    'patch secrets/onepassword-connect-secret',
    'patch secrets/onepassword-connect-token',
  ])('at %s', async (name) => {
    const running = stage.begin({ output: 'json' })
    const stop = onRequest(stage, name, () => running.signal('SIGINT'))
    const report = reportIn(await running.ended)
    stop()
    expect(report).toMatchObject({ exitCode: 130, verdict: 'failed', errors: [{ id: 'interrupted' }] })
    expect(await snapshot(stage)).toEqual(before)
  })

  test.each([
    ['before the commit', commit, 'before'],
    ['after the commit', commit, 'after'],
    ['while it is pushed', push, 'before'],
    ['while the repository is looked at', "*' check-ignore '*", 'before'],
  ] as const)('%s', async (_, match, when) => {
    const hold = await holdGit(stage, match, when)
    const running = stage.begin()
    await hold.reached()
    running.signal('SIGTERM')
    const ended = await running.ended
    await hold.gone().finally(hold.end)
    expect(ended.code).toBe(143)
    expect(said(ended)).toContain('Interrupted.')
    expect(await snapshot(stage)).toEqual(before)
  })

  test('the report names what was taken back', async () => {
    const hold = await holdGit(stage, push, 'before')
    const running = stage.begin()
    await hold.reached()
    running.signal('SIGINT')
    const ended = await running.ended
    await hold.end()
    expect(ended.code).toBe(130)
    expect(said(ended)).toContain(
      'Taken back: the namespace exists and is safe from pruning; the credentials Secret holds the credentials; the token Secret holds the token; the stores name the vaults; the kustomization lists Connect and the stores.',
    )
    expect(said(ended)).not.toContain('Done, and left as it is')
  })

  test('a second one ends the process at once, and says what that means', async () => {
    const hold = await holdGit(stage, push, 'before')
    const running = stage.begin()
    await hold.reached()
    running.signal('SIGINT')
    expect(() => running.signal('SIGINT')).toThrow('the process would have ended with 130')
    expect(running.screen()).toContain('Stopped at once')
    await running.ended
    await hold.end()
    expect(await snapshot(stage)).toEqual(before)
  })
})

describe('an interruption after the push leaves what others can see, and says so', () => {
  test.each([
    ['when the push has arrived and git has not ended', async (at: Stage) => held(at, push)],
    ['when Flux is asked', async (at: Stage) => requested(at, 'patch gitrepositories/flux-system')],
    ['when Flux’s Kustomization is asked', async (at: Stage) => requested(at, 'patch kustomizations/external-secrets')],
  ] as const)('%s; the next run goes on to the same end', async (_, interrupt) => {
    const at = await openStage()
    try {
      const report = await interrupt(at)
      expect(report).toMatchObject({ exitCode: 130, errors: [{ id: 'interrupted' }] })
      expect(report.next).toEqual(['Run the same command again: it goes on from what is there.'])
      const states = Object.fromEntries(report.steps.map(({ id, state }) => [id, state]))
      expect(states).toMatchObject({ credentials: 'made', token: 'made', vaults: 'made', components: 'made', publish: 'made' })
      expect(await at.git('rev-parse', 'HEAD')).toBe(await at.remote('rev-parse', 'main'))
      expect(at.sandbox.api.store.all().filter(({ kind }) => kind === 'Lease')).toEqual([])
      await at.sandbox.settled()

      expect(await at.init()).toMatchObject({ code: 0 })
      expect(await at.remote('rev-list', '--count', 'main')).toBe('2\n')
      expect(await appValue(at)).toBe(at.sandbox.item.value)
    } finally {
      await at.close()
    }
  })

  async function held(at: Stage, match: string) {
    const hold = await holdGit(at, match, 'after')
    const running = at.begin({ output: 'json' })
    await hold.reached()
    running.signal('SIGINT')
    const report = reportIn(await running.ended)
    await hold.end()
    return report
  }

  async function requested(at: Stage, name: string) {
    const running = at.begin({ output: 'json' })
    const stop = onRequest(at, name, () => running.signal('SIGINT'))
    const report = reportIn(await running.ended)
    stop()
    return report
  }
})

test('after all that, a run to the end', async () => {
  expect(await stage.init()).toMatchObject({ code: 0 })
  expect(clusterAlike(stage).filter(({ kind }) => kind === 'Lease')).toEqual([])
  expect(stage.sandbox.api.store.get(kinds.clusterSecretStore, undefined, 'onepassword')?.['status'].conditions[0].status).toBe('True')
})

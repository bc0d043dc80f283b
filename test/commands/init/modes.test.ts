import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { reportIn } from './schema.ts'
import { snapshot } from './snapshot.ts'
import { appValue, type Flags, openStage, type Stage, said } from './stage.ts'
import { kustomizationFile, storesFile } from './trees.ts'

const both = ` M ${kustomizationFile}\n M ${storesFile}\n`
const stores = (stage: Stage) => stage.sandbox.api.store.list(kinds.clusterSecretStore)

describe('with one sandbox after the other', () => {
  let stage: Stage
  afterEach(() => stage?.close())

  test('--git none leaves the files changed; --git push then commits them, and goes on', async () => {
    stage = await openStage()
    const first = reportIn(await stage.init({ git: 'none', output: 'json' }))
    expect(first).toMatchObject({ exitCode: 0, verdict: 'prepared' })
    expect(first.next[0]).toBe('git commit and git push the changed files')
    expect(await stage.git('status', '--porcelain')).toBe(both)
    expect(await stage.remote('rev-list', '--count', 'main')).toBe('1\n')
    expect(stores(stage)).toEqual([])

    const head = await stage.git('rev-parse', 'HEAD')
    expect(reportIn(await stage.init({ git: 'none', output: 'json' })).exitCode).toBe(0)
    expect(await stage.git('rev-parse', 'HEAD')).toBe(head)

    expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ exitCode: 0, verdict: 'configured' })
    expect(await appValue(stage)).toBe(stage.sandbox.item.value)
  })

  test('--git commit commits and pushes nothing; the remote and the cluster know nothing of it', async () => {
    stage = await openStage()
    const report = reportIn(await stage.init({ git: 'commit', output: 'json' }))
    expect(report).toMatchObject({ exitCode: 0, verdict: 'prepared' })
    expect(report.next[0]).toBe('git push')
    expect(await stage.git('status', '--porcelain', '--branch')).toBe('## main...origin/main [ahead 1]\n')
    expect(await stage.git('diff', '--name-only', 'HEAD~1', 'HEAD')).toBe(`${kustomizationFile}\n${storesFile}\n`)
    expect(await stage.remote('rev-list', '--count', 'main')).toBe('1\n')
    expect(stores(stage)).toEqual([])
    await stage.git('push', '--quiet', 'origin', 'main')
    expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ exitCode: 0, verdict: 'configured' })
  })

  test('--branch pushes a branch, and leaves main, the branch that is checked out and what others staged as they were', async () => {
    stage = await openStage()
    await stage.edit({ 'notes.txt': 'mine\n' })
    await stage.git('add', 'notes.txt')
    const main = await stage.git('rev-parse', 'main')
    const report = reportIn(await stage.init({ git: undefined, branch: 'enable/secrets', output: 'json' }))
    expect(report).toMatchObject({ exitCode: 0, verdict: 'prepared' })
    expect(report.next[0]).toContain('gh pr create --head enable/secrets')
    expect(await stage.git('rev-parse', 'main')).toBe(main)
    expect(await stage.git('branch', '--show-current')).toBe('main\n')
    expect(await stage.remote('rev-parse', 'main')).toBe(main)
    expect(await stage.remote('diff', '--name-only', 'main', 'enable/secrets')).toBe(`${kustomizationFile}\n${storesFile}\n`)
    expect(await stage.git('status', '--porcelain')).toBe('A  notes.txt\n')
    expect(stores(stage)).toEqual([])
  })

  test('what others staged stays out of the commit, and staged', async () => {
    stage = await openStage()
    await stage.edit({ 'notes.txt': 'mine\n' })
    await stage.git('add', 'notes.txt')
    expect(reportIn(await stage.init({ output: 'json' })).exitCode).toBe(0)
    expect(await stage.remote('diff', '--name-only', 'main~1', 'main')).toBe(`${kustomizationFile}\n${storesFile}\n`)
    expect(await stage.git('status', '--porcelain')).toBe('A  notes.txt\n')
  })

  test('somebody pushes in between: ours goes on top of theirs', async () => {
    stage = await openStage()
    const other = `${stage.sandbox.folder}/other`
    await stage.git('clone', '--quiet', stage.sandbox.remote, other)
    const identity = ['-c', 'user.name=Bob', '-c', 'user.email=bob@example.com']
    await stage.git('-C', other, ...identity, 'commit', '--quiet', '--allow-empty', '--message', 'Theirs')
    await stage.git('-C', other, 'push', '--quiet')
    expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ exitCode: 0, verdict: 'configured' })
    expect(await stage.remote('log', '--format=%an', '--max-count=2', 'main')).toBe('Sandbox\nBob\n')
    expect(await stage.git('rev-parse', 'HEAD')).toBe(await stage.remote('rev-parse', 'main'))
  })

  test('--no-reconcile pushes, and asks nothing of Flux', async () => {
    stage = await openStage()
    const report = reportIn(await stage.init({ 'no-reconcile': true, output: 'json' }))
    expect(report).toMatchObject({ exitCode: 0, verdict: 'prepared' })
    expect(stage.writes().filter((write) => /kustomizations|gitrepositories/.test(write))).toEqual([])
    expect(await stage.remote('rev-list', '--count', 'main')).toBe('2\n')
  })

  test('--no-wait does not wait until all is Ready', async () => {
    stage = await openStage({ scenario: 'slow-connect' })
    const report = reportIn(await stage.init({ 'no-wait': true, output: 'json' }))
    expect(report).toMatchObject({ exitCode: 0, verdict: 'configured' })
    expect(report.steps.find(({ id }) => id === 'ready')).toMatchObject({ state: 'skipped', says: 'not waited for: --no-wait' })
  })
})

describe('--offline', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())
  const offline: Flags = {
    offline: true,
    path: 'infrastructure/base/external-secrets',
    git: undefined,
    credentials: undefined,
    token: undefined,
  }

  test('changes the vault lines and the two entries, and nothing else anywhere', async () => {
    stage.requests()
    const before = await snapshot(stage)
    const ended = await stage.init(offline, { env: { KUBECONFIG: '/nonexistent' } })
    expect(ended.code).toBe(0)
    expect(said(ended)).toContain('Prepared; Flux does not see it yet.')
    expect(stage.requests()).toEqual([])
    expect(await stage.git('diff', '--numstat')).toBe(`2\t2\t${kustomizationFile}\n2\t2\t${storesFile}\n`)
    const after = await snapshot(stage)
    expect(after.clone.head).toBe(before.clone.head)
    expect(after.clone.index).toBe(before.clone.index)
    expect(after.remote).toBe(before.remote)
    expect(after.cluster).toEqual(before.cluster)
  })

  test('a second time changes nothing', async () => {
    const before = await snapshot(stage)
    expect(said(await stage.init(offline))).toContain('Nothing to change')
    expect(await snapshot(stage)).toEqual(before)
  })

  test('with --git commit it commits just that', async () => {
    expect(await stage.init({ ...offline, git: 'commit' })).toMatchObject({ code: 0 })
    expect(await stage.git('diff', '--name-only', 'HEAD~1', 'HEAD')).toBe(`${kustomizationFile}\n${storesFile}\n`)
    expect(await stage.git('status', '--porcelain', '--branch')).toBe('## main...origin/main [ahead 1]\n')
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { reportIn } from './schema.ts'
import { snapshot } from './snapshot.ts'
import { openStage, type Stage, said } from './stage.ts'
import { kustomizationFile, storesFile } from './trees.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())
beforeEach(() => void stage.writes())

const verify = { 'verify-item': 'my-app-credentials/api-key' }
const lines = (report: ReturnType<typeof reportIn>) => report.steps.map(({ id, changes }) => ({ id, changes }))

describe('before', () => {
  test.each([
    ['ends 0', {}, 0],
    ['ends 10 with --detailed-exitcode', { 'detailed-exitcode': true }, 10],
  ] as const)('%s, and writes nothing anywhere', async (_, flags, code) => {
    const before = await snapshot(stage)
    const ended = await stage.init({ 'dry-run': true, ...flags })
    expect(ended.code).toBe(code)
    expect(said(ended)).toContain('Nothing was written: this is the plan.')
    expect(ended.stderr).toContain('\n      -        homelab: 1 # Replace')
    expect(stage.writes()).toEqual([])
    expect(await snapshot(stage)).toEqual(before)
  })

  test('the plan of --git none holds no commit', async () => {
    const { steps, exitCode } = reportIn(await stage.init({ 'dry-run': true, git: 'none', output: 'json', 'detailed-exitcode': true }))
    expect(exitCode).toBe(10)
    expect(steps.filter(({ changes }) => changes.length > 0).map(({ id }) => id)).toEqual([
      'namespace',
      'credentials',
      'token',
      'vaults',
      'components',
    ])
  })

  test('needs no consent and no --yes', async () => {
    expect(await stage.init({ 'dry-run': true, yes: undefined })).toMatchObject({ code: 0 })
  })
})

describe('against what is then done', () => {
  test('the same steps with the same changes, in the same order, and each of them is made', async () => {
    const planned = reportIn(await stage.init({ 'dry-run': true, output: 'json', ...verify }))
    expect(planned).toMatchObject({ verdict: 'planned', exitCode: 0, errors: [] })
    const done = reportIn(await stage.init({ output: 'json', ...verify }))
    expect(done).toMatchObject({ verdict: 'verified', exitCode: 0, errors: [], next: [] })
    expect(lines(done)).toEqual(lines(planned))
    expect(planned.steps.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'cluster already',
      'flux already',
      'namespace pending',
      'lock pending',
      'credentials pending',
      'token pending',
      'operator already',
      'manifests already',
      'vaults pending',
      'components pending',
      'publish pending',
      'reconcile pending',
      'ready pending',
      'proof pending',
    ])
    expect(done.steps.map(({ state }) => state)).toEqual(planned.steps.map(({ state }) => (state === 'pending' ? 'made' : state)))

    const files = planned.steps.flatMap(({ changes }) => changes.filter(({ diff }) => diff !== undefined))
    expect(files.map(({ what }) => what)).toEqual([storesFile, kustomizationFile])
    const hunks = (text: string) => text.split('\n').filter((line) => /^[-+ @]/.test(line) && !/^(---|\+\+\+) /.test(line))
    for (const { what, diff = '' } of files) {
      const real = hunks(await stage.remote('diff', '--unified=4', 'main~1', 'main', '--', what))
      expect(hunks(diff).filter((line) => /^[-+]/.test(line))).toEqual(real.filter((line) => /^[-+]/.test(line)))
    }
    expect(done.cluster).toEqual({ context: 'sandbox', server: stage.sandbox.api.url })
    expect(done.repository).toEqual({ root: stage.sandbox.repository, branch: 'main' })
  })

  test('afterwards it ends 0, with or without --detailed-exitcode', async () => {
    expect(await stage.init({ 'dry-run': true })).toMatchObject({ code: 0 })
    const ended = reportIn(await stage.init({ 'dry-run': true, 'detailed-exitcode': true, output: 'json' }))
    expect(ended).toMatchObject({ exitCode: 0, verdict: 'planned' })
    expect(ended.steps.flatMap(({ changes }) => changes)).toEqual([])
    expect(stage.writes()).toEqual([])
  })

  test('a run that changes nothing says so as a document, too', async () => {
    const ended = reportIn(await stage.init({ output: 'json' }))
    expect(ended).toMatchObject({ exitCode: 0, verdict: 'unchanged', errors: [] })
  })
})

test.each([
  ['an option without a value it needs', { vault: undefined }, 2, 'missing-input'],
  ['a value that is none', { git: 'perhaps' }, 2, 'usage'],
  ['a repository that is none', { repo: '/' }, 3, 'not-a-repository'],
] as const)('%s is a document too', async (_, flags, code, id) => {
  const report = reportIn(await stage.init({ ...flags, output: 'json' }))
  expect(report).toMatchObject({ exitCode: code, verdict: 'failed', errors: [{ id }] })
})

import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { reportIn } from './schema.ts'
import { clusterOf, snapshot } from './snapshot.ts'
import { openStage, type Stage } from './stage.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const name = 'onepassword-connect-secret'
const key = '1password-credentials.json'

let stage: Stage
let credentials: string
beforeAll(async () => {
  stage = await openStage()
  credentials = await readFile(stage.sandbox.credentialsPath, 'utf8')
})
afterAll(() => stage?.close())
beforeEach(() => stage.sandbox.origin.setHook('pre-receive', 'exit 1'))
afterEach(() => stage.sandbox.api.store.remove(kinds.secret, 'external-secrets', name))

const stored = (of = key) => secretValue(stage.sandbox, name, of)

/** As somebody else left it; the manager is of his choice. */
function put(data: Record<string, string>, manager = 'kubectl-create', metadata: object = {}): void {
  const encoded = Object.fromEntries(Object.entries(data).map(([each, value]) => [each, base64(value)]))
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'external-secrets', ...metadata }, type: 'Opaque' }
  stage.sandbox.api.store.put({ ...object, data: encoded }, manager)
}

/** As an earlier run of ours left it. */
function putOurs(value: string): void {
  put({ [key]: value }, 'eso-bootstrap')
  const { store } = stage.sandbox.api
  const secret = store.get(kinds.secret, 'external-secrets', name)
  if (secret === undefined) throw new Error('the Secret was not put')
  const managedFields = secret.metadata.managedFields?.map((each) => ({ ...each, operation: 'Apply' as const })) ?? []
  store.commit({ ...secret, metadata: { ...secret.metadata, managedFields } })
}

const replace = { replace: true, 'take-ownership': true, output: 'json' } as const

describe('a Secret that is replaced, and then the push fails', () => {
  const kept = { note: 'kept' }
  test.each([
    ['by kubectl create, with another value', { [key]: 'other' }, {}],
    ['by kubectl create, in the wrong encoding', { [key]: '{"verifier":1}', ...kept }, {}],
    [
      'with labels and annotations of others',
      { [key]: 'other', ...kept },
      { labels: { 'app.kubernetes.io/managed-by': 'a-person', a: 'b' } },
    ],
    ['without our key', kept, { annotations: { who: 'me' } }],
  ])('%s: it is as it was, with its field managers', async (_, data, metadata) => {
    put(data as Record<string, string>, 'kubectl-create', metadata)
    const before = await snapshot(stage)
    const report = reportIn(await stage.init(replace))
    expect(report.errors.map(({ id }) => id)).toEqual(['branch-protected'])
    expect(report.steps.find(({ id }) => id === 'credentials')?.state).toBe('undone')
    expect(await snapshot(stage)).toEqual(before)
  })

  test('of an earlier run of ours', async () => {
    const other = { ...JSON.parse(credentials), deviceUuid: 'abcdefghijklmnopqrstuvwxyz' }
    await stage.sandbox.origin.removeHook('pre-receive')
    const file = `${stage.sandbox.folder}/other.json`
    await writeFile(file, JSON.stringify(other), { mode: 0o600 })
    await stage.init({ credentials: file, git: 'none', 'no-reconcile': true })
    await stage.git('checkout', '--quiet', '.')
    const before = await snapshot(stage)
    await stage.sandbox.origin.setHook('pre-receive', 'exit 1')
    expect(reportIn(await stage.init(replace)).errors.map(({ id }) => id)).toEqual(['branch-protected'])
    expect(await snapshot(stage)).toEqual(before)
    for (const secret of [name, 'onepassword-connect-token']) stage.sandbox.api.store.remove(kinds.secret, 'external-secrets', secret)
  })

  test('somebody changes it in between: it is left to him, and the report says so', async () => {
    put({ [key]: 'other' })
    await stage.sandbox.origin.setHook('pre-receive', 'touch pushed; while [ ! -e go ]; do sleep 0.01; done; exit 1')
    const running = stage.begin(replace)
    await vi.waitUntil(() => existsSync(`${stage.sandbox.remote}/pushed`), { timeout: 10_000, interval: 10 })
    put({ [key]: 'of somebody else' })
    await writeFile(`${stage.sandbox.remote}/go`, '')
    const report = reportIn(await running.ended)
    await Promise.all(['go', 'pushed'].map((each) => rm(`${stage.sandbox.remote}/${each}`)))
    expect(report.exitCode).toBe(5)
    expect(report.errors.map(({ id }) => id)).toEqual(['branch-protected', 'changed-meanwhile'])
    expect(report.steps.find(({ id }) => id === 'credentials')?.state).toBe('not-undone')
    expect(stored()).toBe('of somebody else')
  })
})

describe('what is there already', () => {
  const look = { git: 'none', 'no-reconcile': true, output: 'json' } as const

  test('another value: refused without --replace, and nothing is touched', async () => {
    putOurs('other')
    const before = clusterOf(stage)
    const report = reportIn(await stage.init(look))
    expect(report).toMatchObject({ exitCode: 3, errors: [{ id: 'secret-differs', fix: ['eso-bootstrap init --replace …'] }] })
    expect(clusterOf(stage)).toEqual(before)
  })

  test('the same credentials in the other encoding: put right without --replace', async () => {
    putOurs(credentials)
    const report = reportIn(await stage.init(look))
    expect(report).toMatchObject({ exitCode: 0 })
    expect(stored()).toBe(base64(credentials))
    await stage.git('checkout', '--quiet', '.')
  })

  test('another manager’s: named, with the way to take it over, and taken over with that', async () => {
    put({ [key]: credentials }, 'helm-of-old')
    const report = reportIn(await stage.init({ ...look, replace: true }))
    expect(report).toMatchObject({ exitCode: 3, errors: [{ id: 'field-conflict', what: expect.stringContaining('helm-of-old') }] })
    expect(reportIn(await stage.init({ ...look, ...replace })).exitCode).toBe(0)
    expect(stored()).toBe(base64(credentials))
    await stage.git('checkout', '--quiet', '.')
  })

  test('other keys, labels and annotations stay', async () => {
    const metadata = { labels: { 'app.kubernetes.io/managed-by': 'a-person', mine: 'yes' }, annotations: { mine: 'too' } }
    put({ mine: 'µ\u0000binary' }, 'a-person', metadata)
    const report = reportIn(await stage.init(look))
    expect(report).toMatchObject({ exitCode: 0 })
    const secret = stage.sandbox.api.store.get(kinds.secret, 'external-secrets', name)
    expect(secret?.metadata).toMatchObject(metadata)
    expect(stored('mine')).toBe('µ\u0000binary')
    expect(stored()).toBe(base64(credentials))
    await stage.git('checkout', '--quiet', '.')
  })
})

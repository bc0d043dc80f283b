import { afterEach, beforeEach, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { ready, reconcile } from '../bootstrap.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ env: process.env })
})
afterEach(() => sandbox.close())

const source = () => sandbox.api.store.get(kinds.gitRepository, 'flux-system', 'flux-system')
const state = () => ready(sandbox, kinds.gitRepository, 'flux-system', 'flux-system')
const head = async () => (await sandbox.clone.git('rev-parse', 'HEAD')).trim()

async function follow(ref: object, more: object = {}) {
  const object = source()
  if (object) sandbox.api.store.put({ ...object, spec: { ...object['spec'], ...more, ref } }, 'a-person')
  await sandbox.settled()
}

test('a push is seen when it is asked for, and the request is answered', async () => {
  const first = await head()
  await sandbox.clone.commit({ 'a.txt': 'a' }, 'Second')
  await sandbox.settled()
  expect(source()?.['status'].artifact.revision).toBe(`main@sha1:${first}`)
  await reconcile(sandbox)
  expect(source()?.['status'].artifact.revision).toBe(`main@sha1:${await head()}`)
  const { annotations = {} } = source()?.metadata ?? {}
  expect(source()?.['status'].lastHandledReconcileAt).toBe(annotations['reconcile.fluxcd.io/requestedAt'])
  expect(state()).toBe(`True Succeeded: stored artifact for revision 'main@sha1:${await head()}'`)
})

test('names a revision after the way it was found', async () => {
  const commit = await head()
  await sandbox.clone.git('tag', 'v1.2.3')
  await sandbox.clone.git('push', '--quiet', 'origin', 'v1.2.3')
  const revision = () => source()?.['status'].artifact.revision
  await follow({ name: 'refs/heads/main' })
  expect(revision()).toBe(`refs/heads/main@sha1:${commit}`)
  await follow({ tag: 'v1.2.3', branch: 'main' })
  expect(revision()).toBe(`v1.2.3@sha1:${commit}`)
  await follow({ semver: '1.x' })
  expect(revision()).toBe(`v1.2.3@sha1:${commit}`)
  await follow({ commit })
  expect(revision()).toBe(`sha1:${commit}`)
})

test('a branch that isn’t there, and a remote that can’t be reached', async () => {
  await follow({ branch: 'gone' })
  expect(state()).toMatch(
    /^False GitOperationFailed: failed to checkout and determine revision: .*couldn't find remote ref "refs\/heads\/gone"/,
  )
  expect(source()?.['status'].conditions).toContainEqual(expect.objectContaining({ type: 'FetchFailed', status: 'True' }))
  await follow({ branch: 'main' }, { url: 'https://git.example.com/nobody/nothing' })
  expect(state()).toMatch(/^False GitOperationFailed: .*repository not found/)
  await follow({ branch: 'main' }, { url: sandbox.origin.url })
  expect(state()).toMatch(/^True Succeeded/)
  expect(source()?.['status'].conditions).not.toContainEqual(expect.objectContaining({ type: 'FetchFailed' }))
})

test('suspended, it answers no request', async () => {
  await follow({ branch: 'main' }, { suspend: true })
  await sandbox.clone.commit({ 'a.txt': 'a' }, 'Second')
  await reconcile(sandbox)
  expect(source()?.['status'].artifact.revision).not.toBe(`main@sha1:${await head()}`)
})

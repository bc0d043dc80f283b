import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect } from '../../../src/kubernetes/client.ts'
import { secrets } from '../../../src/kubernetes/resources.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { marked } from '../../../src/steps/rotation/world.ts'
import { withValue } from '../../../src/steps/secret-ours.ts'
import { said } from '../init/stage.ts'
import { onRequest } from '../init/trip.ts'
import { type Ground, openGround } from './ground.ts'
import { idsIn, reportIn, statesIn } from './schema.ts'
import { expectNothingLeft, expectWorking } from './truth.ts'

let ground: Ground
let old: { value: string; id: string }
let token: Awaited<ReturnType<Ground['newToken']>>
beforeAll(async () => {
  ground = await openGround()
})
afterAll(() => ground?.close())
beforeEach(async () => {
  old = await ground.anew()
  token = await ground.newToken()
})

const place = { namespace: 'external-secrets', name: 'onepassword-connect-token', key: 'token' }
const base64 = (text: string) => Buffer.from(text).toString('base64')
const given = (more = {}) => ({ mint: undefined, token: token.path, ...more })

/** As a run leaves it that is killed when it has written the new token in the place of these. */
async function killed(...ids: string[]): Promise<void> {
  const cluster = await connect({ kubeconfig: ground.sandbox.kubeconfigPath, env: {}, home: '/', timeout: 10_000 })
  const live = await cluster.get(secrets, place.name, place.namespace)
  const annotations = marked(ids.slice(0, -1), ids.at(-1))
  await cluster.apply(secrets, withValue(live, { ...place, annotations }, base64(token.value)), { force: true })
  cluster.close()
}

/** Another Secret of that name, elsewhere, for as long as the test. */
async function withCopyOf(value: string, act: () => Promise<void>): Promise<void> {
  const { store } = ground.sandbox.api
  const metadata = { name: place.name, namespace: 'default' }
  store.put({ apiVersion: 'v1', kind: 'Secret', metadata, data: { token: base64(value) } }, 'a-person')
  await act().finally(() => store.remove(kinds.secret, 'default', place.name))
}

test('the same token goes on with its proof, and then the one that it has replaced is deleted', async () => {
  await killed(old.id)
  const report = reportIn(await ground.whole(given()).ended)
  expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0, replaced: [{ id: old.id, deleted: true }] })
  expect(statesIn(report)).toMatchObject({ token: 'already', revalidated: 'made', synced: 'made', 'every-sync': 'made', settled: 'made' })
  const notes = report.clusters[0]?.steps.find(({ id }) => id === 'uses')?.notes
  expect(notes).toEqual([
    'An earlier run wrote this token and was ended before it had proven it.',
    expect.stringContaining(`is deleted in 1Password: op connect token delete ${old.id} `),
  ])
  expect(ground.held()).toBe(token.value)
  await expectWorking(ground)
  expectNothingLeft(ground)
})

test('another token replaces it, and both that are not needed any more are deleted', async () => {
  await killed(old.id)
  const report = reportIn(await ground.whole().ended)
  expect(report.replaced).toMatchObject([
    { id: old.id, deleted: true },
    { id: token.id, deleted: true },
  ])
  expect(report).toMatchObject({ verdict: 'rotated', exitCode: 0 })
  expectNothingLeft(ground)
})

test('of two that were ended, one after the other, the tokens of both are known', async () => {
  await killed('aaaaaaaaaaaaaaaaaaaaaaaaaa', old.id)
  const ids = reportIn(await ground.whole().ended).replaced.map(({ id }) => id)
  expect(ids).toEqual(['aaaaaaaaaaaaaaaaaaaaaaaaaa', old.id, token.id])
})

test.each([['json'], ['human']])('it is interrupted itself: the report says what the Secret holds still (%s)', async (output) => {
  await killed(old.id)
  const running = ground.whole(given({ output }))
  const stop = onRequest(ground, 'patch externalsecrets/my-app', () => running.signal('SIGINT'))
  const ended = await running.ended
  stop()
  expect(ended.code).toBe(130)
  expect(ground.held()).toBe(token.value)
  expect(ground.isMarked()).toBe(true)
  if (output === 'json') {
    expect(reportIn(ended)).toMatchObject({ verdict: 'failed', clusters: [{ verdict: 'failed' }], replaced: [] })
    expect(reportIn(ended).next).toEqual(['Run the same command again: it sees what stands, and goes on from there.'])
  } else expect(said(ended)).toContain('The Secret still holds what an earlier run put in, and that is not proven.')
  expect(ground.sandbox.account.revoked).not.toContain(old.id)
  expect(reportIn(await ground.whole(given()).ended)).toMatchObject({ verdict: 'rotated', exitCode: 0 })
})

test('the one that was replaced is not deleted while another Secret holds it; that one holds the new one is no obstacle', async () => {
  await killed(old.id)
  await withCopyOf(old.value, async () => {
    const report = reportIn(await ground.whole(given()).ended)
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 3 })
    expect(idsIn(report)).toEqual(['token-used-elsewhere'])
  })
  await withCopyOf(token.value, async () => {
    expect(reportIn(await ground.whole(given()).ended)).toMatchObject({ verdict: 'rotated', exitCode: 0 })
  })
})

test('a mark that names the token which is there says nothing', async () => {
  await killed(token.id)
  expect(idsIn(reportIn(await ground.whole(given()).ended))).toEqual(['token-same'])
})

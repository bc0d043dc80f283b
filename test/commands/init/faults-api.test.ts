import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/sandbox/api/faults.ts'
import { reportIn } from './schema.ts'
import { snapshot } from './snapshot.ts'
import { openStage, type Stage } from './stage.ts'
import { loseAnswer, onRequest } from './trip.ts'

/** What `init` writes to the cluster before others can see its commit. */
const writes = [
  'patch namespaces/external-secrets',
  'create leases',
  'patch secrets/onepassword-connect-secret',
  'patch secrets/onepassword-connect-token',
]

const answers: Record<string, Fault['answer']> = {
  'fails (500)': { status: 500, reason: 'InternalError', message: 'etcdserver: request timed out' },
  'conflicts (409)': { status: 409, reason: 'Conflict', message: 'the object has been modified' },
  'is forbidden (403)': { status: 403, reason: 'Forbidden', message: 'admission webhook "policy" denied the request' },
  'is dropped': 'drop',
}

let stage: Stage
let before: Awaited<ReturnType<typeof snapshot>>
beforeAll(async () => {
  stage = await openStage()
  before = await snapshot(stage)
})
afterAll(() => stage?.close())

describe.each(writes)('%s', (name) => {
  test.each(Object.keys(answers))('%s: everything is as it was', async (what) => {
    const answer = answers[what]
    const stop = onRequest(stage, name, () => stage.sandbox.api.inject({ ...(answer && { answer }) }))
    const report = reportIn(await stage.init({ output: 'json' }))
    stop()
    expect(report.verdict).toBe('failed')
    expect([1, 3, 4, 6]).toContain(report.exitCode)
    expect(report.errors).toHaveLength(1)
    expect(report.errors[0]?.id).not.toBe('unexpected')
    expect(report.steps.filter(({ state }) => state === 'made' || state === 'not-undone').filter(({ id }) => id !== 'lock')).toEqual([])
    expect(await snapshot(stage)).toEqual(before)
  })

  test('is done, but its answer gets lost, and the next write fails: what nobody answered for is taken back, too', async () => {
    const { api } = stage.sandbox
    const stop = loseAnswer(stage, name)
    await stage.sandbox.origin.setHook('pre-receive', 'exit 1')
    const report = reportIn(await stage.init({ output: 'json' }))
    await stage.sandbox.origin.removeHook('pre-receive')
    stop()
    expect(api.log.filter(({ status, verb }) => status === 0 && verb !== 'watch')).not.toEqual([])
    expect(report.errors.map(({ id }) => id)).toEqual(['branch-protected'])
    expect(await snapshot(stage)).toEqual(before)
  })
})

test('after all that, a run without faults ends well', async () => {
  expect(reportIn(await stage.init({ output: 'json' }))).toMatchObject({ verdict: 'configured', exitCode: 0 })
})

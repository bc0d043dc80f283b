import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { secrets } from '../../src/kubernetes/resources.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
})
afterEach(() => sandbox.close())

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'default' } }
const answer = (status: number, more: object = {}) => ({ status, reason: 'Any', message: 'x', ...more })
const asked = (verb: string) => sandbox.server.log.filter((each) => each.verb === verb && each.resource === 'secrets').length

describe('a read', () => {
  it.each([['drop' as const], [answer(503)], [answer(500)], [answer(429, { retryAfterSeconds: 0 })]])(
    'is sent again after %j',
    async (fault) => {
      sandbox.server.inject({ match: { verb: 'get', resource: 'secrets' }, times: 2, answer: fault })
      expect(await sandbox.cluster.get(secrets, 'a', 'default')).toBeUndefined()
    },
  )

  it('is given up after a few times', async () => {
    sandbox.server.inject({ match: { verb: 'get' }, times: 100, answer: answer(503) })
    await expect(sandbox.cluster.get(secrets, 'a', 'default')).rejects.toMatchObject({ id: 'server-error' })
    expect(asked('get')).toBe(4)
  })
})

describe('a write', () => {
  it.each([['drop' as const], [answer(500)], [answer(503)]])('is sent once only, whatever happened to it: %j', async (fault) => {
    sandbox.server.inject({ match: { verb: 'create' }, times: 1, answer: fault })
    await expect(sandbox.cluster.create(secrets, secret)).rejects.toMatchObject({ exit: 'blocked' })
    expect(asked('create')).toBe(1)
  })

  it.each([429, 503])('is sent again when the server says with %i that it did not take it', async (status) => {
    sandbox.server.inject({ match: { verb: 'create' }, times: 1, answer: answer(status, { retryAfterSeconds: 0 }) })
    expect(await sandbox.cluster.create(secrets, secret)).toMatchObject({ metadata: { name: 'a' } })
    expect(asked('create')).toBe(2)
  })
})

it('a Retry-After beyond the deadline is not waited for', async () => {
  const cluster = await sandbox.connect(undefined, 300)
  sandbox.server.inject({ match: { verb: 'get' }, times: 1, answer: answer(429, { retryAfterSeconds: 60 }) })
  await expect(cluster.get(secrets, 'a', 'default')).rejects.toMatchObject({ id: 'server-busy' })
})

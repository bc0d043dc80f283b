import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireLease, requireFree } from '../../src/kubernetes/lease.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox()
})
afterEach(() => sandbox.close())

const kind = { group: 'coordination.k8s.io', kind: 'Lease' }
const stored = () => sandbox.server.store.get(kind, 'default', 'eso-bootstrap')
const at = { namespace: 'default', name: 'eso-bootstrap' }
const take = (holder: string, seconds = 60) => acquireLease(sandbox.cluster, { ...at, holder, seconds })

/** As another run, or a dead one, would have left it. */
function leave(holderIdentity: string, renewed: string, leaseDurationSeconds = 60) {
  const spec = { holderIdentity, acquireTime: '2026-01-02T03:04:05.000000Z', renewTime: renewed, leaseDurationSeconds }
  sandbox.server.store.put(
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'eso-bootstrap', namespace: 'default' }, spec },
    'other',
  )
}
const inFuture = () => new Date(Date.now() + 1_000).toISOString().replace('Z', '000Z')

describe('the lease', () => {
  it('is created, seen by others, and gone without a trace when released', async () => {
    await expect(requireFree(sandbox.cluster, at)).resolves.toBeUndefined()
    const lease = await take('me@here')
    await expect(requireFree(sandbox.cluster, at)).rejects.toThrow(': me@here since ')
    expect(stored()?.['spec'].renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    await lease.release()
    expect(stored()).toBeUndefined()
  })

  it('that somebody holds stops the second, and names holder and times', async () => {
    leave('other@there\u001b[31m', inFuture())
    const failure = await take('me').catch((error) => error)
    expect(failure).toMatchObject({ id: 'busy', exit: 'busy' })
    expect(failure.message).toBe('Another run is at work on the namespace default: other@there since 2026-01-02 03:04:05 UTC.')
    expect(failure.why).toMatch(/expires at 20\d\d-/)
    expect(stored()?.['spec'].holderIdentity).toContain('other@there')
  })

  it.each([
    ['expired', () => leave('dead', '2026-01-02T03:04:05.000000Z')],
    ['given up', () => leave('', inFuture())],
  ])('that is %s is free, and taken over', async (_, prepare) => {
    prepare()
    await expect(requireFree(sandbox.cluster, at)).resolves.toBeUndefined()
    const lease = await take('me')
    await expect(requireFree(sandbox.cluster, at)).rejects.toThrow(': me since ')
    await lease.release()
  })

  it.each([
    ['new', () => {}],
    ['expired', () => leave('dead', '2026-01-02T03:04:05.000000Z')],
  ])('of two runs at the same moment one gets it (%s)', async (_, prepare) => {
    prepare()
    const results = await Promise.allSettled(['a', 'b', 'c'].map((holder) => take(holder)))
    const [won, ...more] = results.filter((each) => each.status === 'fulfilled')
    expect(more).toEqual([])
    for (const each of results) if (each.status === 'rejected') expect(each.reason).toMatchObject({ exit: 'busy' })
    await won?.value.release()
  })

  it('is renewed while it is held', async () => {
    const lease = await take('me', 1)
    const first = stored()?.['spec'].renewTime
    await new Promise<void>((resolve) => sandbox.server.store.onChange(({ object }) => object['spec']?.renewTime > first && resolve()))
    expect(stored()?.['spec'].acquireTime).toBe(first)
    await lease.release()
    expect(stored()).toBeUndefined()
  })

  it('that another took is lost: its signal says so, and the release leaves it to the other', async () => {
    const lease = await take('me')
    leave('other', inFuture())
    await expect(lease.renew()).rejects.toMatchObject({ exit: 'busy', message: expect.stringContaining('other') })
    expect(lease.lost.aborted).toBe(true)
    await lease.release()
    expect(stored()?.['spec'].holderIdentity).toBe('other')
  })

  it('in a namespace that does not exist is not "busy"', async () => {
    const missing = acquireLease(sandbox.cluster, { namespace: 'nowhere', name: 'eso-bootstrap', holder: 'me', seconds: 60 })
    await expect(missing).rejects.toMatchObject({ id: 'not-found' })
  })
})

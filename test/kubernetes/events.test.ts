import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventSince, historyOf } from '../../src/kubernetes/events.ts'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'

const never = new AbortController().signal
const second = new Date('2026-11-25T12:00:00Z')
let sandbox: Sandbox
let object: KubernetesObject
beforeAll(async () => {
  sandbox = await startSandbox()
  object = put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'store', namespace: 'default' } })
})
afterAll(() => sandbox.close())

const put = (wanted: KubernetesObject) => sandbox.server.store.put(wanted, 'a-controller')

function tell(message: string, count: number, { at = second, about = object, type = 'Normal' } = {}): void {
  const { kind, metadata } = about
  put({
    ...{ apiVersion: 'v1', kind: 'Event', type, reason: 'Valid', message, count },
    metadata: { name: `${metadata.name}.${message}`, namespace: 'default' },
    involvedObject: { kind, name: metadata.name, namespace: 'default', uid: metadata.uid },
    lastTimestamp: at.toISOString().replace('.000Z', 'Z'),
  })
}

/** What is told after this moment, in the same second. */
const since = async (deadline = 2_000) => {
  const history = await historyOf(sandbox.cluster, object)
  return { told: eventSince(sandbox.cluster, object, { since: second.getTime() + 700, history }, { signal: never, deadline }) }
}

describe('an event since', () => {
  it('is not one of the same second that was told before', async () => {
    tell('validated', 1)
    expect(await (await since(200)).told).toBeUndefined()
  })

  it('is the same event told once more', async () => {
    tell('validated', 2)
    const { told } = await since()
    tell('validated', 3)
    expect(await told).toMatchObject({ message: 'validated', count: 3 })
  })

  it('is another event of the same second', async () => {
    const { told } = await since()
    tell('refused', 1, { type: 'Warning' })
    expect(await told).toMatchObject({ type: 'Warning', message: 'refused' })
  })

  it('is not one of an earlier second, nor about another object', async () => {
    const { told } = await since(300)
    tell('late', 1, { at: new Date(second.getTime() - 1_000) })
    tell('other', 1, { about: put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'default' } }) })
    expect(await told).toBeUndefined()
  })
})

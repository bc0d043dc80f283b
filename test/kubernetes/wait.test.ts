import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lastEvents } from '../../src/kubernetes/events.ts'
import { isReady, type KubernetesObject } from '../../src/kubernetes/object.ts'
import { deployments } from '../../src/kubernetes/resources.ts'
import { until } from '../../src/kubernetes/wait.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'

let sandbox: Sandbox
let stop: AbortController
beforeEach(async () => {
  sandbox = await startSandbox()
  stop = new AbortController()
})
afterEach(() => sandbox.close())

const at = { namespace: 'default', name: 'connect' }
const kind = { group: 'apps', kind: 'Deployment' }
const wait = <T>(test: (object: KubernetesObject | undefined) => T | undefined | Promise<T | undefined>, deadline = 5_000) =>
  until(sandbox.cluster, deployments, at, test, { signal: stop.signal, deadline })

function put(name = 'connect') {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'api', image: 'x' }] } }
  const spec = { selector: { matchLabels: { app: name } }, template }
  sandbox.server.store.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'default' }, spec }, 'test')
}
const status = (ready: string, message: string) =>
  sandbox.server.store.status(kind, 'default', 'connect', { conditions: [{ type: 'Ready', status: ready, reason: 'X', message }] })

describe('waiting for an object', () => {
  it('that is there already needs no watch', async () => {
    put()
    expect(await wait((object) => object?.metadata.name)).toBe('connect')
    expect(sandbox.server.log.map(({ verb }) => verb)).toEqual(['get'])
  })

  it('goes through its absence, its coming and its changes, and not through those of others', async () => {
    const seen: (string | undefined)[] = []
    const waiting = wait(async (object) => {
      seen.push(object?.metadata.name)
      if (object === undefined) setImmediate(() => put('other')).ref()
      if (object === undefined) setImmediate(put)
      else if (!isReady(object)) setImmediate(() => status('True', 'fine'))
      return isReady(object) ? 'ready' : undefined
    })
    expect(await waiting).toBe('ready')
    expect(new Set(seen)).toEqual(new Set([undefined, 'connect']))
  })

  it('sees that it is deleted', async () => {
    put()
    const waiting = wait((object) => {
      if (object === undefined) return 'gone'
      setImmediate(() => sandbox.server.store.remove(kind, 'default', 'connect'))
      return undefined
    })
    expect(await waiting).toBe('gone')
  })

  it('ends at the deadline with the last condition, made safe to show', async () => {
    put()
    status('False', 'image\u001b[31m can not be pulled')
    const failure = await wait(() => undefined, 200).catch((error) => error)
    expect(failure).toMatchObject({ id: 'wait-deadline', exit: 'partly', why: 'Ready is False: image can not be pulled.' })
  })

  it('says at the deadline that it never came', async () => {
    await expect(wait(() => undefined, 100)).rejects.toMatchObject({
      message: 'Deployment default/connect did not get there within 1 s.',
      why: 'It does not exist.',
    })
  })

  it('ends with what the test throws, and with the reason of an abort', async () => {
    const wrong = new Error('wrong')
    await expect(wait(() => Promise.reject(wrong))).rejects.toBe(wrong)
    const reason = new Error('Ctrl-C')
    setTimeout(() => stop.abort(reason), 50)
    await expect(wait(() => undefined)).rejects.toBe(reason)
  })
})

describe('the last events of an object', () => {
  const object = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: 'onepassword', uid: 'u-1' } }
  function happened(name: string, more: object) {
    const involvedObject = { kind: 'ClusterSecretStore', name: 'onepassword', uid: 'u-1' }
    sandbox.server.store.put(
      { apiVersion: 'v1', kind: 'Event', metadata: { name, namespace: 'default' }, involvedObject, type: 'Warning', reason: 'R', ...more },
      'test',
    )
  }

  it('come newest first, cleaned, wherever the time stands, and none of a namesake', async () => {
    happened('a', { message: 'first', lastTimestamp: '2026-01-01T00:00:01Z', count: 3 })
    happened('b', { message: 'third\u001b[2J', eventTime: '2026-01-01T00:00:03.000000Z', lastTimestamp: null })
    happened('c', { message: 'second', series: { count: 7, lastObservedTime: '2026-01-01T00:00:02.000000Z' } })
    happened('d', {
      message: 'other kind',
      involvedObject: { kind: 'SecretStore', name: 'onepassword' },
      lastTimestamp: '2026-01-02T00:00:00Z',
    })
    happened('e', { message: 'older life', involvedObject: { kind: 'ClusterSecretStore', name: 'onepassword', uid: 'u-0' } })
    const events = await lastEvents(sandbox.cluster, object, 2)
    expect(events.map(({ message, count }) => [message, count])).toEqual([
      ['third', 1],
      ['second', 7],
    ])
    expect(await lastEvents(sandbox.cluster, object, 9)).toHaveLength(3)
  })

  it('are none where reading them is not permitted', async () => {
    sandbox.server.allow('nobody', [])
    expect(await lastEvents(await sandbox.connect('nobody'), object, 3)).toEqual([])
  })
})

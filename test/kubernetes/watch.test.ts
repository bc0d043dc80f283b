import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WatchEvent } from '../../src/kubernetes/cluster.ts'
import { secrets } from '../../src/kubernetes/resources.ts'
import { type Sandbox, startSandbox } from './sandbox.ts'
import { json, refuse, serve } from './server.ts'

let sandbox: Sandbox
let stop: AbortController
beforeEach(async () => {
  sandbox = await startSandbox()
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await sandbox.close()
})

const secret = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default' },
  data: { v: btoa(value) },
})
const put = (name: string, value: string) => sandbox.server.store.put(secret(name, value), 'test')

/** Watches from now on; gives what has been heard, and a promise for the moment when something was. */
function listen() {
  const heard: string[] = []
  const waiting: { has: string; resolve(): void }[] = []
  const tell = ({ type, object }: WatchEvent) => {
    heard.push(`${type} ${object.metadata.name} ${atob(object['data'].v)}`)
    for (const each of waiting) if (heard.includes(each.has)) each.resolve()
  }
  const ended = (async () => {
    for await (const event of sandbox.cluster.watch(secrets, { namespace: 'default' }, stop.signal)) tell(event)
  })()
  const has = (text: string) =>
    heard.includes(text) ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ has: text, resolve }))
  return { heard, has, ended }
}

describe('a watch', () => {
  it('first tells what is there, then what changes, and ends quietly with its signal', async () => {
    put('a', '1')
    const { heard, has, ended } = listen()
    await has('ADDED a 1')
    put('a', '2')
    put('b', '1')
    sandbox.server.store.remove({ group: '', kind: 'Secret' }, 'default', 'a')
    await has('DELETED a 2')
    stop.abort()
    await expect(ended).resolves.toBeUndefined()
    expect(heard).toEqual(['ADDED a 1', 'MODIFIED a 2', 'ADDED b 1', 'DELETED a 2'])
  })

  it('survives broken connections, and misses and repeats nothing', async () => {
    put('a', '1')
    const { heard, has } = listen()
    await has('ADDED a 1')
    sandbox.server.disconnect()
    put('a', '2')
    await has('MODIFIED a 2')
    sandbox.server.disconnect()
    put('b', '1')
    await has('ADDED b 1')
    expect(heard).toEqual(['ADDED a 1', 'MODIFIED a 2', 'ADDED b 1'])
    expect(sandbox.server.log.filter(({ verb }) => verb === 'list')).toHaveLength(1)
  })

  it('lists anew when the past is gone, and tells the difference only', async () => {
    put('a', '1')
    put('gone', '1')
    put('same', '1')
    const { heard, has } = listen()
    await has('ADDED same 1')
    sandbox.server.disconnect()
    sandbox.server.store.remove({ group: '', kind: 'Secret' }, 'default', 'gone')
    put('a', '2')
    put('new', '1')
    sandbox.server.compact()
    await has('ADDED new 1')
    expect(heard.slice(3).toSorted()).toEqual(['ADDED new 1', 'DELETED gone 1', 'MODIFIED a 2'])
  })

  it('waits out a server that is busy, but not one that forbids', async () => {
    put('a', '1')
    sandbox.server.inject({ match: { verb: 'watch' }, times: 2, answer: { status: 500, reason: 'InternalError', message: 'x' } })
    const { has } = listen()
    await has('ADDED a 1')
    put('a', '2')
    await has('MODIFIED a 2')

    sandbox.server.allow('reader', [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }])
    const reader = await sandbox.connect('reader')
    const iterate = async () => {
      for await (const _ of reader.watch(secrets, {}, stop.signal));
    }
    await expect(iterate()).rejects.toMatchObject({ id: 'forbidden', exit: 'refused' })
  })
})

it('a watch that is answered with status 410 lists anew as well', async () => {
  const item = (value: string, resourceVersion: string) => ({
    ...secret('a', value),
    metadata: { name: 'a', namespace: 'default', resourceVersion },
  })
  let lists = 0
  const server = await serve(({ url }, response) => {
    if (url.includes('watch=true')) refuse(response, 410, 'Expired')
    else json(response, { metadata: { resourceVersion: '1' }, items: [item(`${++lists}`, `${lists}`)] })
  })
  const heard: string[] = []
  for await (const { type, object } of (await server.connect()).watch(secrets, {}, stop.signal)) {
    heard.push(`${type} ${atob(object['data'].v)}`)
    if (heard.length === 2) stop.abort()
  }
  expect(heard).toEqual(['ADDED 1', 'MODIFIED 2'])
  await server.close()
})

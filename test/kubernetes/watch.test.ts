import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WatchEvent, WatchOptions } from '../../src/kubernetes/cluster.ts'
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
function listen(options: WatchOptions = {}) {
  const heard: string[] = []
  const waiting: { has: string; resolve(): void }[] = []
  const tell = ({ type, object }: WatchEvent) => {
    heard.push([type, object.metadata.name, ...(object['data'] ? [atob(object['data'].v)] : [])].join(' '))
    for (const each of waiting) if (heard.includes(each.has)) each.resolve()
  }
  const ended = (async () => {
    for await (const event of sandbox.cluster.watch(secrets, { namespace: 'default', ...options }, stop.signal)) tell(event)
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
    await has('DELETED gone')
    expect(heard.slice(3).toSorted()).toEqual(['ADDED new 1', 'DELETED gone', 'MODIFIED a 2'])
  })

  it('that is for changes only tells nothing of what is there, but all that is there after a gap', async () => {
    put('a', '1')
    const { heard, has } = listen({ onlyChanges: true })
    const streams = () => sandbox.server.log.filter(({ verb }) => verb === 'watch').length
    await vi.waitUntil(() => streams() === 1)
    put('b', '1')
    await has('ADDED b 1')
    expect(heard).toEqual(['ADDED b 1'])
    expect(sandbox.server.log.map(({ verb, query }) => (verb === 'list' ? query : verb))).toEqual(['limit=1', 'watch'])
    sandbox.server.disconnect()
    put('c', '1')
    sandbox.server.compact()
    await has('ADDED c 1')
    expect(heard).toEqual(['ADDED b 1', 'ADDED a 1', 'ADDED b 1', 'ADDED c 1'])
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

const item = (name: string, value: string, resourceVersion: string, uid = 'u') => ({
  ...secret(name, value),
  metadata: { name, namespace: 'default', resourceVersion, uid },
})

/** What is told of these lists, one after the other, by a server that ends every watch with 410: the first `most` events. */
async function toldOf(lists: (Reply | 'expired')[], most: number): Promise<WatchEvent[]> {
  const heard: WatchEvent[] = []
  let next = 0
  const server = await serve(({ url }, response) => {
    const reply = url.includes('watch=true') ? 'expired' : (lists[next++] ?? 'expired')
    if (reply === 'expired') refuse(response, 410, 'Expired')
    else json(response, { metadata: reply.metadata, items: reply.items })
  })
  for await (const event of (await server.connect()).watch(secrets, {}, stop.signal)) {
    heard.push(event)
    if (heard.length === most) stop.abort()
  }
  await server.close()
  return heard
}
interface Reply {
  items: object[]
  metadata: { resourceVersion: string; continue?: string }
}
const brief = (events: WatchEvent[]) => events.map(({ type, object }) => [type, object.metadata.name, object['data']?.v].join(' ').trim())

describe('a watch whose place in history is gone', () => {
  const at = (resourceVersion: string) => ({ resourceVersion })

  it('lists anew as well when status 410 tells it', async () => {
    const events = await toldOf(
      [1, 2].map((n) => ({ metadata: at(`${n}`), items: [item('a', `${n}`, `${n}`)] })),
      2,
    )
    expect(brief(events)).toEqual([`ADDED a ${btoa('1')}`, `MODIFIED a ${btoa('2')}`])
  })

  it('of what went meanwhile it knows what names it, and of a namesake that it is another object', async () => {
    const events = await toldOf(
      [
        { metadata: at('5'), items: [item('a', '1', '3'), item('b', '1', '4', 'old')] },
        { metadata: at('9'), items: [item('b', '1', '8', 'new')] },
      ],
      5,
    )
    expect(brief(events)).toEqual([`ADDED a ${btoa('1')}`, `ADDED b ${btoa('1')}`, 'DELETED b', `ADDED b ${btoa('1')}`, 'DELETED a'])
    expect(events[4]?.object).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '3' },
    })
  })

  it('tells what the last list says, where one expires half-way', async () => {
    const first = { metadata: { resourceVersion: '5', continue: 'p2' }, items: [item('a', '1', '3'), item('b', '1', '4')] }
    const second = { metadata: at('9'), items: [item('a', '2', '8'), item('c', '1', '7')] }
    const events = await toldOf([first, 'expired', second], 5)
    expect(brief(events)).toEqual([
      `ADDED a ${btoa('1')}`,
      `ADDED b ${btoa('1')}`,
      `MODIFIED a ${btoa('2')}`,
      `ADDED c ${btoa('1')}`,
      'DELETED b',
    ])
  })
})

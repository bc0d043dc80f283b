import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { isTransient } from '../upstream/network.ts'
import type { ListOptions, WatchEvent, WatchOptions } from './cluster.ts'
import { keyOf, pages, selectors } from './list.ts'
import type { KubernetesObject, Resource } from './object.ts'
import { callOf, pathOf, query } from './path.ts'
import type { Transport } from './transport.ts'

/** The server ends a watch after this long. A connection that died silently is noticed by then, not after hours. */
const secondsPerStream = 55
const longestPause = 5_000

/**
 * A list and then what changes, for as long as the signal allows: it reconnects with a growing pause, and lists anew when
 * its place in history is gone (410). Ends quietly with the signal; throws a Failure for what reconnecting can't mend.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function* watch(
  transport: Transport,
  resource: Resource,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const known = new Map(options.known?.map((object) => [keyOf(object), object]))
  let resourceVersion: string | undefined
  let failures = 0
  while (!signal.aborted) {
    const began = Date.now()
    try {
      if (resourceVersion === undefined) {
        const list = await listAll(transport, resource, { ...options, signal })
        yield* difference(known, list.items)
        resourceVersion = list.resourceVersion
      }
      for await (const line of stream(transport, resource, options, resourceVersion, signal)) {
        if (line.type === 'ERROR') {
          resourceVersion = undefined
          break
        }
        failures = 0
        resourceVersion = line.object.metadata.resourceVersion
        if (line.type === 'BOOKMARK') continue
        if (line.type === 'DELETED') known.delete(keyOf(line.object))
        else known.set(keyOf(line.object), line.object)
        yield { type: line.type, object: line.object }
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Failure && error.id === 'list-expired') resourceVersion = undefined
      else if (error instanceof Failure && !isTransient(error)) throw error
    }
    if (Date.now() - began > longestPause) failures = 0
    // A server that ends every stream at once must not be asked in a tight loop.
    await sleep(Math.min(longestPause, 50 * 2 ** failures++), undefined, { signal }).catch(() => {})
  }
}

interface Line {
  type: WatchEvent['type'] | 'BOOKMARK' | 'ERROR'
  object: KubernetesObject
}

async function* stream(
  transport: Transport,
  resource: Resource,
  options: ListOptions,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  const parameters = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds: secondsPerStream, ...selectors(options) }
  const response = await transport.open({
    ...callOf('watch', resource, options.namespace),
    method: 'GET',
    path: pathOf(resource, options.namespace) + query(parameters),
    signal,
  })
  const silent = setTimeout(() => response.destroy(), (secondsPerStream + 10) * 1000).unref()
  try {
    for await (const line of lines(response)) yield JSON.parse(line)
  } finally {
    clearTimeout(silent)
    response.destroy()
  }
}

async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    yield* parts.filter((part) => part.trim() !== '')
  }
}

async function listAll(
  transport: Transport,
  resource: Resource,
  options: ListOptions,
): Promise<{ items: KubernetesObject[]; resourceVersion: string }> {
  const items: KubernetesObject[] = []
  let resourceVersion = ''
  for await (const page of pages(transport, resource, options)) {
    items.push(...page.items)
    resourceVersion = page.resourceVersion
  }
  return { items, resourceVersion }
}

/** What a new list tells that wasn't known; it brings `known` up to date. */
function difference(known: Map<string, KubernetesObject>, items: KubernetesObject[]): WatchEvent[] {
  const events: WatchEvent[] = []
  const now = new Set(items.map(keyOf))
  for (const [key, object] of known) {
    if (now.has(key)) continue
    known.delete(key)
    events.push({ type: 'DELETED', object })
  }
  for (const object of items) {
    const before = known.get(keyOf(object))
    known.set(keyOf(object), object)
    if (before === undefined) events.push({ type: 'ADDED', object })
    else if (before.metadata.resourceVersion !== object.metadata.resourceVersion) events.push({ type: 'MODIFIED', object })
  }
  return events
}

import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { isTransient } from '../upstream/network.ts'
import type { ListOptions, WatchEvent, WatchOptions } from './cluster.ts'
import { latestVersion, selectors, wholeLists } from './list.ts'
import type { KubernetesObject, Resource } from './object.ts'
import { callOf, pathOf, query } from './path.ts'
import { type Told, told } from './told.ts'
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
  // Who wants only changes is told of everything after a gap, so nothing has to be remembered.
  const memory = options.onlyChanges ? undefined : told(resource, options.known)
  let fromNow = options.onlyChanges ?? false
  let resourceVersion: string | undefined
  let failures = 0
  while (!signal.aborted) {
    const began = Date.now()
    try {
      if (fromNow) resourceVersion = await latestVersion(transport, resource, { ...options, signal })
      fromNow = false
      resourceVersion ??= yield* catchUp(transport, resource, { ...options, signal }, memory)
      for await (const line of stream(transport, resource, options, resourceVersion, signal)) {
        if (line.type === 'ERROR') {
          resourceVersion = undefined
          break
        }
        failures = 0
        resourceVersion = line.object.metadata.resourceVersion
        if (line.type === 'BOOKMARK') continue
        const event = { type: line.type, object: line.object }
        memory?.note(event)
        yield event
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

/** Lists anew, page by page, and tells what that changes in what was told; gives the version to go on from. */
async function* catchUp(
  transport: Transport,
  resource: Resource,
  options: ListOptions,
  memory: Told | undefined,
): AsyncGenerator<WatchEvent, string> {
  let resourceVersion = ''
  for await (const page of wholeLists(transport, resource, options)) {
    if (page.begins) memory?.begin()
    for (const object of page.items) yield* memory?.listed(object) ?? [{ type: 'ADDED', object }]
    resourceVersion = page.resourceVersion
  }
  yield* memory?.gone() ?? []
  return resourceVersion
}

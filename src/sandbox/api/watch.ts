import type { ServerResponse } from 'node:http'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { Context, ResourceRequest } from './context.ts'
import { expired, failure } from './errors.ts'
import { atVersion, notANumber } from './read.ts'
import { groupVersion } from './resources.ts'
import { selection } from './selectors.ts'
import { kindOf, type StoreEvent } from './store.ts'
import { asTable } from './table.ts'

export interface WatchSettings {
  /** Milliseconds between bookmarks; the real server takes about a minute. */
  bookmarkEvery: number
  table: boolean
}

/**
 * WATCH: events as lines of JSON until `timeoutSeconds`, or until the client goes. A start that is too old is an ERROR event in
 * an answer of 200, as on the real server: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export function watchObjects(context: Context, request: ResourceRequest, response: ServerResponse, settings: WatchSettings): void {
  const { store } = context
  const { type, namespace, query } = request
  const test = selection(query, type)
  const from = query.get('resourceVersion') ?? ''
  const unread = notANumber(from)
  if (unread) throw failure(500, '', unread)
  let headed = false

  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' })
  response.flushHeaders()
  const write = (type: string, object: object) => response.write(`${JSON.stringify({ type, object })}\n`)
  const send = (event: string, object: KubernetesObject) => {
    const shown = atVersion(object, type)
    if (!settings.table) return write(event, shown)
    const options = { include: query.get('includeObject'), now: context.now(), headless: headed }
    headed = true
    return write(event, asTable(type, [shown], { resourceVersion: shown.metadata.resourceVersion }, options))
  }
  const pass = (event: StoreEvent) => {
    const kind = kindOf(event.object)
    if (kind.group !== type.group || kind.kind !== type.kind) return
    if (type.namespaced && namespace !== undefined && event.object.metadata.namespace !== namespace) return
    const seen = seenAs(event, test)
    if (seen) send(seen, event.object)
  }
  const bookmark = (annotations?: Record<string, string>) => {
    const metadata = { resourceVersion: String(store.resourceVersion()), ...(annotations && { annotations }) }
    write('BOOKMARK', { kind: type.kind, apiVersion: groupVersion(type), metadata })
  }

  const initial = query.get('sendInitialEvents') === 'true' || ((from === '' || from === '0') && query.get('sendInitialEvents') !== 'false')
  const missed = initial ? [] : store.since(Number(from))
  if (!missed) {
    write('ERROR', expired(`too old resource version: ${from} (${store.resourceVersion()})`).body)
    response.end()
    return
  }
  const there = initial ? store.list(type, type.namespaced ? namespace : undefined).filter(test) : []
  for (const object of there) send('ADDED', object)
  if (query.get('sendInitialEvents') === 'true') bookmark({ 'k8s.io/initial-events-end': 'true' })
  for (const event of missed) pass(event)

  const stopListening = store.onChange(pass)
  const bookmarks = query.get('allowWatchBookmarks') === 'true' ? setInterval(() => bookmark(), settings.bookmarkEvery) : undefined
  const seconds = Number(query.get('timeoutSeconds') ?? 0)
  const timeout = seconds > 0 ? setTimeout(finish, seconds * 1000) : undefined
  response.once('close', stop)

  function stop(): void {
    stopListening()
    clearInterval(bookmarks)
    clearTimeout(timeout)
  }
  function finish(): void {
    stop()
    response.end()
  }
}

/** An object that begins or ceases to match a selector is one that comes or goes. */
function seenAs(event: StoreEvent, test: (object: KubernetesObject) => boolean): StoreEvent['type'] | undefined {
  const was = event.previous !== undefined && test(event.previous)
  const is = event.type !== 'DELETED' && test(event.object)
  if (was && is) return 'MODIFIED'
  if (is) return 'ADDED'
  return was ? 'DELETED' : undefined
}

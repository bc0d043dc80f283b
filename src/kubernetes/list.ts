import { Failure } from '../failure.ts'
import type { ListOptions } from './cluster.ts'
import { sendJson } from './json.ts'
import type { KubernetesObject, Resource } from './object.ts'
import { callOf, pathOf, query } from './path.ts'
import type { Transport } from './transport.ts'

export interface Page {
  items: KubernetesObject[]
  /** Of the whole list: where a watch goes on from. */
  resourceVersion: string
}

const pageSize = 500

/** The objects page by page. When the list expires half-way it starts over; what was given already isn't given twice. */
export async function* pages(transport: Transport, resource: Resource, options: ListOptions): AsyncGenerator<Page> {
  const given = new Set<string>()
  let next: string | undefined
  for (;;) {
    let list: { items?: KubernetesObject[] | null; metadata?: { continue?: string; resourceVersion?: string } }
    try {
      list = await sendJson(transport, {
        ...callOf('list', resource, options.namespace),
        method: 'GET',
        path: pathOf(resource, options.namespace) + query({ ...selectors(options), limit: pageSize, continue: next }),
        signal: options.signal,
      })
    } catch (error) {
      if (next === undefined || !(error instanceof Failure && error.id === 'list-expired')) throw error
      next = undefined
      continue
    }
    const items = (list.items ?? []).filter((item) => !given.has(keyOf(item)))
    for (const item of items) given.add(keyOf(item))
    // Items of a list come without their type.
    yield { items: items.map((item) => ({ ...item, ...typeOf(resource) })), resourceVersion: list.metadata?.resourceVersion ?? '' }
    next = list.metadata?.continue || undefined
    if (next === undefined) return
  }
}

export function selectors(options: ListOptions): { labelSelector: string | undefined; fieldSelector: string | undefined } {
  return { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector }
}

export function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

function typeOf(resource: Resource): { apiVersion: string; kind: string } {
  return { apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`, kind: resource.kind }
}

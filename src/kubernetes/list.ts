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
  /** A list begins here: the first, or one after another that expired. */
  begins: boolean
}

/** The objects page by page. When the list expires half-way it starts over; what was given already isn't given twice. */
export async function* pages(transport: Transport, resource: Resource, options: ListOptions): AsyncGenerator<Page> {
  const given = new Set<string>()
  for await (const page of wholeLists(transport, resource, options)) {
    const items = page.items.filter((item) => !given.has(keyOf(item)))
    for (const item of items) given.add(keyOf(item))
    yield { ...page, items }
  }
}

/** The objects page by page; when the list expires half-way, all of a new one, so that the last list to begin is whole. */
export async function* wholeLists(transport: Transport, resource: Resource, options: ListOptions): AsyncGenerator<Page> {
  const { pageSize: limit = 500 } = options
  let next: string | undefined
  for (;;) {
    let page: Page & { next: string | undefined }
    try {
      page = await onePage(transport, resource, options, { limit, next })
    } catch (error) {
      if (next === undefined || !(error instanceof Failure && error.id === 'list-expired')) throw error
      next = undefined
      continue
    }
    yield page
    next = page.next
    if (next === undefined) return
  }
}

/** Where a watch begins that is to tell of what comes, and of nothing that is there. */
export async function latestVersion(transport: Transport, resource: Resource, options: ListOptions): Promise<string> {
  return (await onePage(transport, resource, options, { limit: 1, next: undefined })).resourceVersion
}

/** Alone: a server that didn't know it must not answer with all that it has. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

async function onePage(
  transport: Transport,
  resource: Resource,
  options: ListOptions,
  { limit, next }: { limit: number; next: string | undefined },
): Promise<Page & { next: string | undefined }> {
  const list: { items?: KubernetesObject[] | null; metadata?: { continue?: string; resourceVersion?: string } } = await sendJson(
    transport,
    {
      ...callOf('list', resource, options.namespace),
      method: 'GET',
      path: pathOf(resource, options.namespace) + query({ ...selectors(options), limit, continue: next }),
      signal: options.signal,
      ...(options.metadataOnly && { accept: metadataOnly }),
    },
  )
  return {
    // Items of a list come without their type.
    items: (list.items ?? []).map((item) => ({ ...item, ...typeOf(resource) })),
    resourceVersion: list.metadata?.resourceVersion ?? '',
    begins: next === undefined,
    next: list.metadata?.continue || undefined,
  }
}

export function selectors(options: ListOptions): { labelSelector: string | undefined; fieldSelector: string | undefined } {
  return { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector }
}

export function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

export function typeOf(resource: Resource): { apiVersion: string; kind: string } {
  return { apiVersion: resource.group === '' ? resource.version : `${resource.group}/${resource.version}`, kind: resource.kind }
}

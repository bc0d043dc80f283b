import type { ApiCall } from '../upstream/api.ts'
import type { Resource } from './object.ts'

/** The URL path of a collection or, with a name, of one object in it. */
export function pathOf(resource: Resource, namespace?: string, name?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const within = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${within}/${resource.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}

/** How messages and `kubectl auth can-i` call it: `secrets`, `leases.coordination.k8s.io`. */
export function callOf(verb: string, resource: Resource, namespace?: string, name?: string): ApiCall {
  return { verb, resource: resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`, namespace, name }
}

/** A query string of what is set: `?limit=500&continue=abc`, or nothing. */
export function query(parameters: Record<string, string | number | boolean | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== false && value !== '') search.set(name, String(value))
  }
  return search.size === 0 ? '' : `?${search}`
}

import type { Attributes } from './access.ts'
import type { Registry, ResourceType } from './resources.ts'

/** What a request asks for, read from its method and URL. Without `type` it isn't about a resource that is served. */
export interface Target extends Attributes {
  /** The resource's group version, where the path has one. */
  version?: string
  type?: ResourceType
}

const verbsOfObject: Record<string, string> = { GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
const verbsOfList: Record<string, string> = { GET: 'list', HEAD: 'list', POST: 'create', DELETE: 'deletecollection' }

/**
 * Takes a URL apart as the real server does; its quirk is kept that a Namespace counts as being in itself.
 * Source: https://github.com/kubernetes/apiserver/blob/v0.34.1/pkg/endpoints/request/requestinfo.go
 */
export function readTarget(method: string, url: URL, registry: Registry): Target {
  const parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
  const other: Target = { verb: method.toLowerCase(), path: url.pathname }
  const core = parts[0] === 'api'
  if (!core && parts[0] !== 'apis') return other
  const [group, version, ...rest] = core ? ['', ...parts.slice(1)] : parts.slice(1)
  if (group === undefined || version === undefined || rest.length === 0) return other

  const { namespace, resource, name, subresource } = readResource(rest)
  if (resource === undefined) return other
  const isWatch = ['1', 'true'].includes(url.searchParams.get('watch') ?? '')
  const named =
    name === undefined ? verbsOfList[method] : (verbsOfObject[method] ?? (subresource && method === 'POST' ? 'create' : undefined))
  const verb = method === 'GET' && name === undefined && isWatch ? 'watch' : (named ?? method.toLowerCase())
  // A list of one name may be granted by that name, so RBAC is asked with it.
  const single = name ?? (verb === 'list' || verb === 'watch' ? nameSelected(url) : undefined)
  const type = registry.find(group, version, resource)
  return {
    ...other,
    verb,
    group,
    version,
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(single !== undefined && { name: single }),
    ...(subresource && { subresource }),
    ...(type && (type.namespaced || namespace === undefined || resource === 'namespaces') && { type }),
  }
}

function readResource(rest: string[]): { namespace?: string; resource?: string; name?: string; subresource?: string } {
  if (rest[0] === 'namespaces' && rest[1] !== undefined) {
    const [, namespace, second, ...more] = rest
    if (second === undefined) return { namespace, resource: 'namespaces', name: namespace }
    if (second === 'status' || second === 'finalize') return { namespace, resource: 'namespaces', name: namespace, subresource: second }
    return { namespace, resource: second, ...tail(more) }
  }
  const [resource, ...more] = rest
  return { ...(resource !== undefined && { resource }), ...tail(more) }
}

function tail([name, ...subresource]: string[]): { name?: string; subresource?: string } {
  return { ...(name !== undefined && { name }), ...(subresource.length > 0 && { subresource: subresource.join('/') }) }
}

function nameSelected(url: URL): string | undefined {
  return /(?:^|,)metadata\.name==?([^,]+)(?:,|$)/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1]
}

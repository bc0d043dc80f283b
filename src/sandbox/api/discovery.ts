import { groupVersion, type Registry, type ResourceType } from './resources.ts'

interface Group {
  name: string
  versions: string[]
}

/** The groups but the core one, in the order they appeared; newer versions first. */
function groups(registry: Registry): Group[] {
  const named = registry.types().filter((type) => type.group !== '')
  return [...new Set(named.map((type) => type.group))].map((name) => {
    const versions = [...new Set(named.filter((type) => type.group === name).map((type) => type.version))]
    return { name, versions: versions.sort(byAge) }
  })
}

/** `v2`, `v1`, `v1beta2`, `v1alpha1`. Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority */
export function byAge(a: string, b: string): number {
  const rank = (version: string) => {
    const [, major = '0', stage = '', minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? []
    return [stage === '' ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor)] as const
  }
  const [left, right] = [rank(a), rank(b)]
  return right[0] - left[0] || right[1] - left[1] || right[2] - left[2]
}

function groupBody({ name, versions }: Group): object {
  const listed = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: listed, preferredVersion: listed[0] }
}

/** The answer for a discovery path, or undefined if it is none that is served. `accept` decides whether it is aggregated. */
export function discovery(path: string, registry: Registry, options: { host: string; accept: string }): object | undefined {
  const parts = path.split('/').filter(Boolean)
  const aggregated = /g=apidiscovery\.k8s\.io;v=(v2(?:beta1)?);as=APIGroupDiscoveryList/.exec(options.accept)?.[1]
  if (path === '/api' || path === '/api/') {
    if (aggregated) return aggregate([{ name: '', versions: ['v1'] }], registry, aggregated)
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: options.host }] }
  }
  if (path === '/apis' || path === '/apis/') {
    if (aggregated) return aggregate(groups(registry), registry, aggregated)
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups(registry).map(groupBody) }
  }
  if (parts[0] === 'api' && parts.length === 2) return resourceList('', parts[1] ?? '', registry)
  if (parts[0] !== 'apis') return undefined
  const group = groups(registry).find((each) => each.name === parts[1])
  if (!group) return undefined
  if (parts.length === 2) return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group) }
  return parts.length === 3 ? resourceList(group.name, parts[2] ?? '', registry) : undefined
}

function resourceList(group: string, version: string, registry: Registry): object | undefined {
  const types = registry.types().filter((type) => type.group === group && type.version === version)
  if (types.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersion({ group, version }),
    resources: types.flatMap((type) => [resourceBody(type), ...type.subresources.map((name) => subresourceBody(type, name))]),
  }
}

function resourceBody(type: ResourceType): object {
  return {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: [...type.verbs].sort(),
    ...(type.shortNames.length > 0 && { shortNames: type.shortNames }),
    ...(type.categories.length > 0 && { categories: type.categories }),
  }
}

function subresourceVerbs(name: string): string[] {
  return name === 'log' ? ['get'] : ['get', 'patch', 'update']
}

function subresourceBody(type: ResourceType, name: string): object {
  return { name: `${type.plural}/${name}`, singularName: '', namespaced: type.namespaced, kind: type.kind, verbs: subresourceVerbs(name) }
}

/** Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery */
function aggregate(all: Group[], registry: Registry, version: string): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: all.map((group) => ({
      metadata: { ...(group.name && { name: group.name }) },
      versions: group.versions.map((each) => ({
        version: each,
        resources: registry
          .types()
          .filter((type) => type.group === group.name && type.version === each)
          .map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  }
}

function aggregatedResource(type: ResourceType): object {
  const responseKind = { group: type.group, version: type.version, kind: type.kind }
  return {
    resource: type.plural,
    responseKind,
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: [...type.verbs].sort(),
    ...(type.shortNames.length > 0 && { shortNames: type.shortNames }),
    ...(type.categories.length > 0 && { categories: type.categories }),
    ...(type.subresources.length > 0 && {
      subresources: type.subresources.map((subresource) => ({ subresource, responseKind, verbs: subresourceVerbs(subresource) })),
    }),
  }
}

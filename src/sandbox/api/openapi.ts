import { groupVersion, type Registry, type ResourceType } from './resources.ts'

/**
 * As much of OpenAPI v3 as kubectl needs: that PATCH takes fieldValidation (so that it leaves validation to the server),
 * and the schemas for `kubectl explain`. Undefined for a path that isn't there.
 * Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
 */
export function openapi(path: string, registry: Registry): object | undefined {
  if (path === '/openapi/v3') return { paths: Object.fromEntries(documents(registry).map((key) => [key, link(key)])) }
  const key = path.replace('/openapi/v3/', '')
  const types = registry.types().filter((type) => documentOf(type) === key)
  if (types.length === 0) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: Object.fromEntries(
      types.map((type) => [objectPath(type), { patch: operation(type), post: operation(type), put: operation(type) }]),
    ),
    components: { schemas: Object.fromEntries(types.map((type) => [schemaName(type), { ...type.schema, ...extension(type, true) }])) },
  }
}

function documentOf(type: ResourceType): string {
  return type.group ? `apis/${groupVersion(type)}` : `api/${type.version}`
}

function documents(registry: Registry): string[] {
  return [...new Set(registry.types().map(documentOf))]
}

function link(key: string): object {
  return { serverRelativeURL: `/openapi/v3/${key}` }
}

function objectPath(type: ResourceType): string {
  return `/${documentOf(type)}/${type.namespaced ? 'namespaces/{namespace}/' : ''}${type.plural}/{name}`
}

function operation(type: ResourceType): object {
  const text = { type: 'string', uniqueItems: true }
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({ name, in: 'query', schema: text }))
  return { parameters, responses: { 200: { description: 'OK' } }, ...extension(type, false) }
}

function extension({ group, version, kind }: ResourceType, list: boolean): object {
  const own = { group, version, kind }
  return { 'x-kubernetes-group-version-kind': list ? [own] : own }
}

function schemaName({ group, version, kind }: ResourceType): string {
  return `${(group || 'io.k8s.api.core').split('.').reverse().join('.')}.${version}.${kind}`
}

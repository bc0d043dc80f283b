import { type About, failure, forbidden } from './errors.ts'

/** A rule as RBAC writes it, with the namespaces that it holds in (all, if none are named). `*` stands for any. */
export interface Rule {
  apiGroups?: string[]
  resources?: string[]
  verbs: string[]
  resourceNames?: string[]
  namespaces?: string[]
  nonResourceURLs?: string[]
}

export interface User {
  name: string
  token: string
  groups: string[]
  /** May do anything. */
  admin: boolean
  rules: Rule[]
}

/** What somebody wants to do; for a path that isn't a resource only `verb` and `path`. */
export interface Attributes {
  verb: string
  group?: string
  resource?: string
  subresource?: string
  namespace?: string
  name?: string
  path?: string
}

/** What anybody may do: the role system:public-info-viewer. */
const anybody: Rule[] = [
  { nonResourceURLs: ['/version', '/version/', '/healthz', '/livez', '/readyz', '/livez/*', '/readyz/*'], verbs: ['get'] },
]

/** What everybody with a token may do besides: the roles system:basic-user and system:discovery. */
const authenticated: Rule[] = [
  { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], verbs: ['create'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  { nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'], verbs: ['get'] },
]

/** Who comes without a token: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests */
export const anonymous: User = { name: 'system:anonymous', token: '', groups: ['system:unauthenticated'], admin: false, rules: [] }

/** True if one of the user's rules allows it. Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export function allowed(user: User, wanted: Attributes): boolean {
  if (user.admin) return true
  const rules = [...anybody, ...(user === anonymous ? [] : authenticated), ...user.rules]
  return rules.some((rule) => matches(rule, wanted))
}

function matches(rule: Rule, wanted: Attributes): boolean {
  if (!has(rule.verbs, wanted.verb)) return false
  if (wanted.resource === undefined) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, wanted.path ?? ''))
  const resource = wanted.subresource ? `${wanted.resource}/${wanted.subresource}` : wanted.resource
  if (!has(rule.apiGroups, wanted.group ?? '')) return false
  if (!has(rule.resources, resource) && !(wanted.subresource && rule.resources?.includes(`*/${wanted.subresource}`))) return false
  if (rule.resourceNames?.length && !rule.resourceNames.includes(wanted.name ?? '')) return false
  return !rule.namespaces || has(rule.namespaces, wanted.namespace ?? '')
}

function has(list: string[] | undefined, value: string): boolean {
  return list?.some((each) => each === '*' || each === value) ?? false
}

function urlMatches(pattern: string, path: string): boolean {
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : pattern === path
}

/** Throws 403, worded as the real server, unless the user may. */
export function authorise(user: User, wanted: Attributes): void {
  if (allowed(user, wanted)) return
  if (wanted.resource === undefined) {
    throw failure(403, 'Forbidden', `forbidden: User "${user.name}" cannot ${wanted.verb} path "${wanted.path}"`, {})
  }
  const about: About = { group: wanted.group ?? '', plural: wanted.resource }
  const resource = wanted.subresource ? `${wanted.resource}/${wanted.subresource}` : wanted.resource
  const place = wanted.namespace ? `in the namespace "${wanted.namespace}"` : 'at the cluster scope'
  const why = `User "${user.name}" cannot ${wanted.verb} resource "${resource}" in API group "${about.group}" ${place}`
  throw forbidden(about, wanted.name ?? '', why)
}

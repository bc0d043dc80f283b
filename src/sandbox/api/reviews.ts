import { allowed } from './access.ts'
import { parseObject } from './admission.ts'
import type { ResourceRequest } from './context.ts'

/** Answers a SelfSubjectAccessReview or a SelfSubjectReview from the user's rules; undefined for any other kind. */
export function review(request: ResourceRequest): object | undefined {
  const { type, user } = request
  if (type.kind === 'SelfSubjectAccessReview') {
    const asked = parseObject(request)
    const isAllowed = allowed(user, attributesOf(asked['spec'] ?? {}))
    return {
      ...asked,
      metadata: {},
      status: { allowed: isAllowed, ...(isAllowed && !user.admin && { reason: reasonOf(user.name) }) },
    }
  }
  if (type.kind !== 'SelfSubjectReview') return undefined
  const userInfo = { username: user.name, groups: [...user.groups, 'system:authenticated'] }
  return { ...parseObject(request), metadata: {}, status: { userInfo } }
}

interface Spec {
  resourceAttributes?: { namespace?: string; verb?: string; group?: string; resource?: string; subresource?: string; name?: string }
  nonResourceAttributes?: { path?: string; verb?: string }
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: Spec): Parameters<typeof allowed>[1] {
  if (!resourceAttributes) return { verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' }
  const { verb = '', resource = '', ...rest } = resourceAttributes
  return { verb, resource, ...rest }
}

function reasonOf(name: string): string {
  return `RBAC: allowed by ClusterRoleBinding "sandbox" of ClusterRole "sandbox" to User "${name}"`
}

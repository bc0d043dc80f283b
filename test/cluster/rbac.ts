import { expect, vi } from 'vitest'
import type { Rule } from '../../src/sandbox/api/access.ts'
import type { Client } from '../contract/client.ts'

const api = '/apis/rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'

/** Gives a user exactly these rules: a role a namespace, and one for the whole cluster. Waits until the server's caches know them. */
export async function grant(admin: Client, user: string, rules: readonly Rule[]): Promise<void> {
  const places = [...new Set(rules.flatMap(({ namespaces = [''] }) => namespaces))]
  for (const place of places) {
    const here = rules.filter(({ namespaces = [''] }) => namespaces.includes(place)).map(({ namespaces: _, ...rule }) => rule)
    await put(admin, place, user, here)
  }
  for (const { namespaces = [undefined], apiGroups = [], resources = [], resourceNames = [], verbs } of rules) {
    const [namespace, group, resource, name, verb] = [namespaces[0], apiGroups[0], resources[0], resourceNames[0], verbs[0]]
    if (resource !== undefined) await vi.waitUntil(() => isAllowed(admin, user, { namespace, group, resource, name, verb }), 10_000)
  }
}

async function put(admin: Client, namespace: string, user: string, rules: object[]): Promise<void> {
  const metadata = { name: user, ...(namespace && { namespace }) }
  const at = namespace ? `${api}/namespaces/${namespace}` : api
  const [role, binding] = namespace ? ['Role', 'RoleBinding'] : ['ClusterRole', 'ClusterRoleBinding']
  const subjects = [{ kind: 'User', apiGroup, name: user }]
  const roleRef = { apiGroup, kind: role, name: user }
  const objects = { [`${role}s`]: { kind: role, metadata, rules }, [`${binding}s`]: { kind: binding, metadata, roleRef, subjects } }
  for (const [plural, object] of Object.entries(objects)) {
    const body = { apiVersion: `${apiGroup}/v1`, ...object }
    const reply = await admin.apply(`${at}/${plural.toLowerCase()}/${user}`, body, 'test', '&force=true')
    expect([reply.status, reply.text]).toEqual([expect.toBeOneOf([200, 201]), expect.not.stringContaining('Failure')])
  }
}

async function isAllowed(admin: Client, user: string, resourceAttributes: object): Promise<boolean> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user, resourceAttributes } }
  const reply = await admin.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body })
  return reply.object['status'].allowed
}

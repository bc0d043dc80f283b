import type { KubernetesObject, Resource } from '../../kubernetes/object.ts'
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../../kubernetes/resources.ts'
import { consumerOf } from '../../manifests/consumer.ts'
import { isOperatorPart } from '../../status/operator.ts'
import { knownStores, tokenOf } from '../../status/world.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import { homes, unknownHome } from '../cluster/homes.ts'
import type { DoctorWorld } from '../world.ts'
import { connectHere } from './connect-here.ts'

interface Subject {
  kind: string
  name: string
  namespace?: string
}

interface Rule {
  apiGroups?: string[]
  resources?: string[]
  verbs?: string[]
  resourceNames?: string[]
}

const everybody: Record<string, string> = {
  'system:authenticated': 'everybody who is known to the cluster',
  'system:unauthenticated': 'everybody, without any login',
  'system:serviceaccounts': 'every pod of the cluster that has a ServiceAccount',
}

export const rbacNarrow: ClusterCheck = {
  id: 'rbac-narrow',
  category: 'security',
  title: "only few can read the Secrets of Connect's namespace",
  severity: 'warning',
  needs: ['api-server'],
  page: {
    symptom: 'None: all works.',
    cause:
      'A binding lets a group of many, or the ServiceAccount that every pod of the namespace gets unless told, read the Secrets that hold the credentials and the token of Connect. With these all of its vaults can be read.',
    fix: 'Bind the role to the one ServiceAccount or user that needs it, or name the Secrets that it may read (resourceNames).',
    sources: [
      'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
      'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const namespaces = await homes(world)
    if (namespaces.length === 0) return [unknownHome]
    const narrow = await ownNames(world)
    const found = await Promise.all([
      bindings(world, clusterRoleBindings, undefined),
      ...namespaces.map((each) => bindings(world, roleBindings, each)),
    ])
    return (await Promise.all(found.flat().map((each) => wide(world, each, { namespaces, ...narrow })))).flat()
  },
}

interface Own {
  namespaces: readonly string[]
  /** `namespace/name` of the Secrets that Connect and its stores read. */
  secrets: ReadonlySet<string>
  /** `namespace/name` of the ServiceAccounts that the operator runs as: it must read Secrets. */
  accounts: ReadonlySet<string>
}

async function ownNames(world: DoctorWorld): Promise<Omit<Own, 'namespaces'>> {
  const [stores, deployments, connects] = await Promise.all([knownStores(world.live), world.live.deployments(), connectHere(world)])
  const tokens = stores.map(tokenOf).map(({ namespace, name }) => `${namespace}/${name}`)
  const credentials = connects.flatMap((each) => {
    const secret = consumerOf(each)?.secret.name
    return secret === undefined ? [] : [`${each.metadata.namespace}/${secret}`]
  })
  const accounts = deployments
    .filter(isOperatorPart)
    .map(({ metadata, spec }) => `${metadata.namespace}/${spec?.template?.spec?.serviceAccountName ?? 'default'}`)
  return { secrets: new Set([...tokens, ...credentials]), accounts: new Set(accounts) }
}

/** Those that name somebody broad; a cluster has thousands of others. What Kubernetes brings itself is not meant. */
async function bindings({ cluster, signal }: DoctorWorld, resource: Resource, namespace: string | undefined): Promise<KubernetesObject[]> {
  const found: KubernetesObject[] = []
  for await (const each of cluster.list(resource, { signal, ...(namespace !== undefined && { namespace }) })) {
    const subjects: Subject[] = each['subjects'] ?? []
    if (!String(each['roleRef']?.name).startsWith('system:') && subjects.some(isCandidate)) found.push(each)
  }
  return found
}

function isCandidate({ kind, name }: Subject): boolean {
  if (kind === 'Group') return name in everybody || name.startsWith('system:serviceaccounts:')
  return (kind === 'ServiceAccount' && name === 'default') || (kind === 'User' && name === 'system:anonymous')
}

async function wide({ cluster, signal }: DoctorWorld, binding: KubernetesObject, own: Own): Promise<(Finding | NotSeen)[]> {
  const { namespace, name } = binding.metadata
  const { kind, name: role } = binding['roleRef']
  const who = (binding['subjects'] as Subject[]).flatMap((each) => called(each, own) ?? [])
  if (who.length === 0) return []
  const granted = await (kind === 'Role' ? cluster.get(roles, role, namespace, signal) : cluster.get(clusterRoles, role, undefined, signal))
  const rules: Rule[] = granted?.['rules'] ?? []
  const reached = own.namespaces.filter((each) => (namespace ?? each) === each && rules.some((rule) => reads(rule, each, own.secrets)))
  if (reached.length === 0) return []
  const scope = namespace === undefined ? '' : ` -n ${namespace}`
  const where = reached.length === 1 ? `the namespace ${reached[0]}` : `the namespaces ${reached.join(', ')}`
  return [
    {
      about: `${binding.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`,
      why: `It lets ${who.join(' and ')} read Secrets of ${where}, by the ${kind} ${role}.`,
      fix: [`kubectl describe ${binding.kind.toLowerCase()} ${name}${scope}`, 'Bind the one ServiceAccount or user that needs it instead.'],
    },
  ]
}

/** Undefined for somebody who isn't many. */
function called({ kind, name, namespace }: Subject, { namespaces, accounts }: Own): string | undefined {
  if (kind === 'User') return name === 'system:anonymous' ? everybody['system:unauthenticated'] : undefined
  if (kind === 'Group') {
    if (name.startsWith('system:serviceaccounts:'))
      return `every ServiceAccount of the namespace ${name.slice('system:serviceaccounts:'.length)}`
    return everybody[name]
  }
  const isOurs = name === 'default' && namespaces.includes(namespace ?? '') && !accounts.has(`${namespace}/default`)
  return isOurs ? `the ServiceAccount ${namespace}/default, which pods get unless told,` : undefined
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources: resourceNames narrow all three verbs. */
function reads(
  { apiGroups = [], resources = [], verbs = [], resourceNames = [] }: Rule,
  namespace: string,
  secrets: Own['secrets'],
): boolean {
  const has = (list: string[], ...wanted: string[]) => list.some((each) => each === '*' || wanted.includes(each))
  if (!has(apiGroups, '') || !has(resources, 'secrets') || !has(verbs, 'get', 'list', 'watch')) return false
  return resourceNames.length === 0 || resourceNames.some((each) => secrets.has(`${namespace}/${each}`))
}

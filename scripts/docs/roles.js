import { Document, isScalar, visit } from 'yaml'
import { code, table } from './markdown.js'

/** Permissions as a table: where, what, which verbs, and what for. */
export function rows(rules) {
  const cells = rules.map(({ in: place, group, resource, verbs, names, why }) => [
    place === undefined ? 'cluster' : code(place),
    code(group === '' ? resource : `${resource}.${group}`) + (names === undefined ? '' : `: ${names.map(code).join(', ')}`),
    verbs.join(', '),
    why,
  ])
  return table(['Where', 'What', 'Verbs', 'For'], cells)
}

/** A ClusterRole for what holds everywhere and a Role for each namespace, each with its binding to the account. */
export function objects(name, rules, account, withAccount = false) {
  const subject = { kind: 'ServiceAccount', ...account }
  const places = [...new Set(rules.map((rule) => rule.in))]
  const roles = places.flatMap((namespace) => {
    const prefix = namespace === undefined ? 'Cluster' : ''
    const metadata = { name, ...(namespace && { namespace }) }
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: `${prefix}Role`, name }
    const rbac = (kind, rest) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: `${prefix}${kind}`, metadata, ...rest })
    const own = rules.filter((rule) => rule.in === namespace)
    return [rbac('Role', { rules: own.map(rbacRule) }), rbac('RoleBinding', { roleRef, subjects: [subject] })]
  })
  const accounts = withAccount ? [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account }] : []
  return `\`\`\`yaml\n${[...accounts, ...roles].map(yaml).join('\n---\n')}\n\`\`\``
}

/** Lists of words on one line, as people write them in RBAC. */
function yaml(object) {
  const document = new Document(object, { aliasDuplicateObjects: false })
  visit(document, {
    Seq(_, list) {
      list.flow = list.items.every((each) => isScalar(each))
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd()
}

function rbacRule({ group, resource, verbs, names }) {
  return { apiGroups: [group], resources: [resource], ...(names && { resourceNames: names }), verbs }
}

import { Document, isScalar, visit } from 'yaml'
import { code, generated, table } from './markdown.js'

const connect = 'external-secrets'
const flux = 'flux-system'
const watch = ['get', 'list', 'watch']
const store = 'to wait until the store is Ready; `patch` sets an annotation that makes the operator look again at once'
const release = 'to wait for the operator, whose HelmRelease is here in some layouts'

/** Every permission that init asks for; test/docs/permissions.test.ts compares this with what it does ask for. */
const needed = [
  {
    group: 'kustomize.toolkit.fluxcd.io',
    resource: 'kustomizations',
    verbs: ['list'],
    why: 'to find the one that builds the folder, whatever its namespace',
  },
  { group: 'source.toolkit.fluxcd.io', resource: 'gitrepositories', verbs: ['list'], why: 'to find the branch that Flux follows' },
  {
    group: '',
    resource: 'namespaces',
    verbs: ['get', 'patch'],
    names: [connect],
    why: 'to keep Flux from ever pruning it (an annotation)',
  },
  {
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    verbs: watch,
    why: "to wait until the stores' API is there, and to tell Flux's version",
  },
  { group: 'external-secrets.io', resource: 'clustersecretstores', verbs: [...watch, 'patch'], why: store },
  { in: connect, group: '', resource: 'secrets', verbs: ['create'], why: 'to create the two below' },
  {
    in: connect,
    group: '',
    resource: 'secrets',
    verbs: ['get', 'patch', 'delete'],
    names: ['onepassword-connect-secret', 'onepassword-connect-token'],
    why: 'to compare and write them; `delete` takes back one that was created, when a later step fails',
  },
  {
    in: connect,
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: ['get', 'create', 'patch', 'delete'],
    why: 'the lock that keeps two runs apart',
  },
  {
    in: connect,
    group: 'apps',
    resource: 'deployments',
    verbs: [...watch, 'patch'],
    why: "to wait for Connect and for the operator's webhook; `patch` restarts Connect when its credentials are replaced",
  },
  { in: connect, group: 'external-secrets.io', resource: 'secretstores', verbs: [...watch, 'patch'], why: store },
  { in: connect, group: 'helm.toolkit.fluxcd.io', resource: 'helmreleases', verbs: watch, why: release },
  {
    in: flux,
    group: 'source.toolkit.fluxcd.io',
    resource: 'gitrepositories',
    verbs: [...watch, 'patch'],
    why: 'to ask Flux to fetch the commit, and to wait for it',
  },
  {
    in: flux,
    group: 'kustomize.toolkit.fluxcd.io',
    resource: 'kustomizations',
    verbs: [...watch, 'patch'],
    why: 'to ask Flux to apply the commit, and to wait for it',
  },
  { in: flux, group: 'helm.toolkit.fluxcd.io', resource: 'helmreleases', verbs: watch, why: release },
]

const proof = [
  {
    in: connect,
    group: 'external-secrets.io',
    resource: 'externalsecrets',
    verbs: [...watch, 'create', 'delete'],
    why: 'the throw-away ExternalSecret',
  },
  { in: connect, group: '', resource: 'secrets', verbs: ['get', 'delete'], why: 'what it becomes, under a name that is made up each time' },
]

const causes = [
  { in: connect, group: '', resource: 'pods', verbs: ['list'], why: 'why a container of Connect does not start' },
  { in: connect, group: '', resource: 'pods/log', verbs: ['get'], why: 'what Connect says about its credentials' },
  ...[connect, flux, 'default'].map((place) => ({
    in: place,
    group: '',
    resource: 'events',
    verbs: ['list'],
    why: place === 'default' ? 'what the operator says about the ClusterSecretStore' : 'what is said about the objects there',
  })),
]

/** What a user needs, why, and as RBAC objects that can be applied. */
export function permissionsPage() {
  return `${generated}

# Permissions

What the user behind the kubeconfig needs for \`init\`. All of it is checked, by
[SelfSubjectAccessReview](https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access) or by doing
it, before anything is written; what is missing is named, and the run ends with [exit code 4](exit-codes.md). \`init --offline\`
speaks to no cluster and needs none.

The names are those of the usual layout: Connect and the operator in \`${connect}\`, Flux in \`${flux}\`, the two Secrets as
the stores and the Deployment name them. Change them where yours are others. A rule without a namespace is for the whole cluster.

## Always

${rows(needed)}

If a Flux Kustomization takes its files from another kind of source (OCIRepository, Bucket), \`list\` on that kind as well. A
namespace that is not there yet has to be created: either you do it first (\`kubectl create namespace ${connect}\`, which the
Role below needs anyway), or the user may \`create\` namespaces, and \`delete\` to take it back when a later step fails.

\`\`\`yaml
${objects('eso-bootstrap', needed, true)}
\`\`\`

## For --verify-item

${rows(proof)}

This lets the user read every Secret in \`${connect}\`.

\`\`\`yaml
${objects('eso-bootstrap-proof', proof)}
\`\`\`

## To name the cause when something does not become Ready

Without these a run works the same, but may end with "not Ready in time" where it could have said why.

${rows(causes)}

\`\`\`yaml
${objects('eso-bootstrap-causes', causes)}
\`\`\`

## A kubeconfig for CI

The objects above bind to the ServiceAccount \`eso-bootstrap\`. A token for one run, which ends by itself:

\`\`\`sh
kubectl create token eso-bootstrap -n ${flux} --duration=1h
\`\`\`
`
}

function rows(rules) {
  const cells = rules.map(({ in: place, group, resource, verbs, names, why }) => [
    place === undefined ? 'cluster' : code(place),
    code(group === '' ? resource : `${resource}.${group}`) + (names === undefined ? '' : `: ${names.map(code).join(', ')}`),
    verbs.join(', '),
    why,
  ])
  return table(['Where', 'What', 'Verbs', 'For'], cells)
}

/** A ClusterRole for what holds everywhere and a Role for each namespace, each with its binding. */
function objects(name, rules, withAccount = false) {
  const subject = { kind: 'ServiceAccount', name: 'eso-bootstrap', namespace: flux }
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: subject.name, namespace: subject.namespace } }
  const places = [...new Set(rules.map((rule) => rule.in))]
  const roles = places.flatMap((namespace) => {
    const prefix = namespace === undefined ? 'Cluster' : ''
    const metadata = { name, ...(namespace && { namespace }) }
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: `${prefix}Role`, name }
    const rbac = (kind, rest) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: `${prefix}${kind}`, metadata, ...rest })
    const own = rules.filter((rule) => rule.in === namespace)
    return [rbac('Role', { rules: own.map(rbacRule) }), rbac('RoleBinding', { roleRef, subjects: [subject] })]
  })
  return [...(withAccount ? [account] : []), ...roles].map(yaml).join('\n---\n')
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

import { doctorSection } from './doctor-permissions.js'
import { generated } from './markdown.js'
import { objects, rows } from './roles.js'
import { rotationSections } from './rotation-permissions.js'
import { statusSection } from './status-permissions.js'
import { verifySections } from './verify-permissions.js'

const connect = 'external-secrets'
const flux = 'flux-system'
const account = { name: 'eso-bootstrap', namespace: flux }
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

What the user behind the kubeconfig needs for \`init\`, and [for the rotations](#for-rotate-token). All of it is checked, by
[SelfSubjectAccessReview](https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access) or by doing
it, before anything is written; what is missing is named, and the run ends with [exit code 4](exit-codes.md). \`init --offline\`
speaks to no cluster and needs none.

The names are those of the usual layout: Connect and the operator in \`${connect}\`, Flux in \`${flux}\`, the two Secrets as
the stores and the Deployment name them. Change them where yours are others. A rule without a namespace is for the whole cluster.

## For init, always

${rows(needed)}

If a Flux Kustomization takes its files from another kind of source (OCIRepository, Bucket), \`list\` on that kind as well. A
namespace that is not there yet has to be created: either you do it first (\`kubectl create namespace ${connect}\`, which the
Role below needs anyway), or the user may \`create\` namespaces, and \`delete\` to take it back when a later step fails.

${objects('eso-bootstrap', needed, account, true)}

## For init with --verify-item

${rows(proof)}

This lets the user read every Secret in \`${connect}\`.

${objects('eso-bootstrap-proof', proof, account)}

## To name the cause when something does not become Ready

Without these a run works the same, but may end with "not Ready in time" where it could have said why.

${rows(causes)}

${objects('eso-bootstrap-causes', causes, account)}

${rotationSections()}

${statusSection()}

${verifySections()}

${doctorSection()}

## A kubeconfig for CI

The objects above bind to the ServiceAccounts \`eso-bootstrap\`, \`eso-bootstrap-rotate\`, \`eso-bootstrap-status\`, \`eso-bootstrap-verify\` and \`eso-bootstrap-doctor\`. A token for one
run, which ends by itself:

\`\`\`sh
kubectl create token eso-bootstrap -n ${flux} --duration=1h
kubectl create token eso-bootstrap-rotate -n ${connect} --duration=1h
kubectl create token eso-bootstrap-status -n ${connect} --duration=1h
kubectl create token eso-bootstrap-verify -n ${connect} --duration=1h
kubectl create token eso-bootstrap-doctor -n ${connect} --duration=1h
\`\`\`
`
}

import { objects, rows } from './roles.js'

const connect = 'external-secrets'
const account = { name: 'eso-bootstrap-doctor', namespace: connect }

const needed = [
  {
    group: 'kustomize.toolkit.fluxcd.io',
    resource: 'kustomizations',
    verbs: ['list'],
    why: 'what Flux has applied, and what it waits for',
  },
  { group: 'source.toolkit.fluxcd.io', resource: 'gitrepositories', verbs: ['list'], why: 'what Flux has fetched' },
  { in: 'flux-system', group: 'source.toolkit.fluxcd.io', resource: 'helmrepositories', verbs: ['get'], why: 'where the charts come from' },
  { group: 'helm.toolkit.fluxcd.io', resource: 'helmreleases', verbs: ['list'], why: 'whether the operator and Connect are installed' },
  { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions', verbs: ['get'], why: 'which versions are served and stored' },
  {
    group: 'admissionregistration.k8s.io',
    resource: 'validatingwebhookconfigurations',
    verbs: ['get'],
    why: "whether the operator's webhook can be reached",
  },
  { group: 'external-secrets.io', resource: 'clustersecretstores', verbs: ['list'], why: 'the stores' },
  { group: 'external-secrets.io', resource: 'secretstores', verbs: ['list'], why: 'the stores' },
  { group: 'external-secrets.io', resource: 'externalsecrets', verbs: ['list'], why: 'which of them fail' },
  { group: 'apps', resource: 'deployments', verbs: ['list'], why: 'the operator, Connect and the controllers of Flux' },
  { group: '', resource: 'namespaces', verbs: ['get'], why: 'whether Flux could prune it' },
  { group: '', resource: 'events', verbs: ['list'], why: 'why a store is not Ready, or an ExternalSecret fails' },
  {
    group: '',
    resource: 'secrets',
    verbs: ['list'],
    why: 'what others put into Secrets that an ExternalSecret owns; only metadata is asked for, but RBAC can not tell that apart: leave it out if that is too much',
  },
  { group: 'networking.k8s.io', resource: 'ingresses', verbs: ['list'], why: 'whether one leads to Connect' },
  { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings', verbs: ['list'], why: 'whether many may read the Secrets' },
  { in: connect, group: 'rbac.authorization.k8s.io', resource: 'rolebindings', verbs: ['list'], why: 'whether many may read the Secrets' },
  { in: connect, group: 'rbac.authorization.k8s.io', resource: 'roles', verbs: ['get'], why: 'what such a binding lets them do' },
  { in: connect, group: 'networking.k8s.io', resource: 'networkpolicies', verbs: ['list'], why: 'who can reach Connect' },
  { in: connect, group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list'], why: 'whether pods are behind the webhook' },
  { in: connect, group: 'coordination.k8s.io', resource: 'leases', verbs: ['get'], why: 'whether another run is at work' },
  { in: connect, group: '', resource: 'pods', verbs: ['list'], why: 'why one does not start' },
  { in: connect, group: '', resource: 'pods/log', verbs: ['get'], why: 'why Connect does not serve' },
  { in: connect, group: '', resource: 'services', verbs: ['get', 'list'], why: 'to find the pods of Connect, and whether it is exposed' },
  {
    in: connect,
    group: '',
    resource: 'pods/portforward',
    verbs: ['get', 'create'],
    why: 'to ask Connect whether it accepts the token (`create` since Kubernetes 1.35)',
  },
  {
    in: connect,
    group: '',
    resource: 'secrets',
    verbs: ['get'],
    names: ['onepassword-connect-secret', 'onepassword-connect-token'],
    why: 'their shape, encoding and dates; they are never shown',
  },
  { in: 'kube-system', group: '', resource: 'pods', verbs: ['list'], why: 'whether the API server encrypts Secrets' },
]

/** What a user needs for `doctor`, why, and as RBAC objects that can be applied. */
export function doctorSection() {
  return `## For doctor

${rows(needed)}

None of it has to be: what may not be looked at is told as such, and is never a warning. Where Flux reads an OCIRepository it takes
\`list\` on that kind too; routes of a Gateway or of Traefik, and policies of Cilium or Calico, are looked at where they may be listed.
\`--fix\` writes as well, and asks for it first: \`patch\` on the credentials' Secret and the Deployment of Connect, on the Namespace, on the stores,
and, to split a Flux Kustomization, on the HelmRelease and HelmRepository of the operator.

${objects('eso-bootstrap-doctor', needed, account, true)}`
}

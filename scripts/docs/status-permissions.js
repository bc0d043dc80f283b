import { objects, rows } from './roles.js'

const connect = 'external-secrets'
const account = { name: 'eso-bootstrap-status', namespace: connect }
const read = ['list', 'watch']

/** Every permission that status asks for; test/docs/status-permissions.test.ts compares this with what it does ask for. */
const needed = [
  { group: 'kustomize.toolkit.fluxcd.io', resource: 'kustomizations', verbs: read, why: 'what Flux has applied' },
  { group: 'source.toolkit.fluxcd.io', resource: 'gitrepositories', verbs: read, why: 'what Flux has fetched' },
  {
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    verbs: ['get', ...read],
    why: "to tell Flux's version, and for `--watch` when the operator brings its kinds",
  },
  { group: 'external-secrets.io', resource: 'clustersecretstores', verbs: read, why: 'the stores' },
  { group: 'external-secrets.io', resource: 'secretstores', verbs: read, why: 'the stores' },
  {
    group: 'external-secrets.io',
    resource: 'externalsecrets',
    verbs: read,
    why: 'to count those that are synchronised and those that fail',
  },
  {
    group: 'apps',
    resource: 'deployments',
    verbs: read,
    why: 'the operator and Connect; without it in all namespaces, it is looked for in those of the tokens',
  },
  { in: connect, group: '', resource: 'pods', verbs: ['list'], why: 'restarts of Connect, and why a container does not start' },
  { in: connect, group: '', resource: 'services', verbs: ['get'], why: 'to find the pods of Connect' },
  {
    in: connect,
    group: '',
    resource: 'secrets',
    verbs: ['get', ...read],
    names: ['onepassword-connect-token'],
    why: 'how long the token is valid; it is never shown',
  },
  {
    in: connect,
    group: '',
    resource: 'pods/portforward',
    verbs: ['get', 'create'],
    why: 'to ask Connect whether it accepts the token (`create` since Kubernetes 1.35)',
  },
  { in: connect, group: '', resource: 'pods/log', verbs: ['get'], why: 'why Connect does not serve' },
  { group: '', resource: 'events', verbs: ['list'], why: 'why a store is not Ready, or an ExternalSecret fails' },
]

/** What a user needs for `status`, why, and as RBAC objects that can be applied. */
export function statusSection() {
  return `## For status

${rows(needed)}

None of it has to be: what may not be looked at is told as such, and the rest is shown. \`watch\` is for \`--watch\` alone.

${objects('eso-bootstrap-status', needed, account, true)}`
}

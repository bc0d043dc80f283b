import { objects, rows } from './roles.js'

const connect = 'external-secrets'
const account = { name: 'eso-bootstrap-rotate', namespace: connect }
const watch = ['get', 'list', 'watch']
const validated =
  'to find the stores that use the token, and to see them valid with the new one; `patch` sets an annotation that makes the operator look again'

/** Every permission that a rotation asks for; test/docs/permissions.test.ts compares this with what it does ask for. */
const needed = [
  { group: 'external-secrets.io', resource: 'clustersecretstores', verbs: [...watch, 'patch'], why: validated },
  { group: 'external-secrets.io', resource: 'secretstores', verbs: [...watch, 'patch'], why: validated },
  {
    group: 'external-secrets.io',
    resource: 'externalsecrets',
    verbs: [...watch, 'patch'],
    why: 'to find one of each store, and to have it synchronised (an annotation)',
  },
  {
    in: connect,
    group: '',
    resource: 'secrets',
    verbs: ['get', 'patch'],
    names: ['onepassword-connect-token'],
    why: 'to compare and write it, and to put the old token back',
  },
  {
    in: connect,
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: ['get', 'create', 'patch', 'delete'],
    why: 'the lock that keeps two runs apart',
  },
]

const credentials = [
  {
    in: connect,
    group: '',
    resource: 'secrets',
    verbs: ['get', 'patch'],
    names: ['onepassword-connect-secret'],
    why: 'to compare and write the credentials, and to put the old ones back',
  },
  {
    in: connect,
    group: 'apps',
    resource: 'deployments',
    verbs: [...watch, 'patch'],
    why: 'to see how Connect reads its credentials, to restart it (an annotation of its pod template), and to wait for it',
  },
]

const throwAway = [
  {
    in: connect,
    group: 'external-secrets.io',
    resource: 'externalsecrets',
    verbs: ['create', 'delete'],
    why: 'the throw-away ExternalSecret',
  },
  { in: connect, group: '', resource: 'secrets', verbs: ['get', 'delete'], why: 'what it becomes, under a name that is made up each time' },
]

const better = [
  { group: '', resource: 'events', verbs: ['list', 'watch'], why: 'what the operator says about stores and ExternalSecrets' },
  {
    group: '',
    resource: 'secrets',
    verbs: ['list'],
    why: 'to find copies of the token in other namespaces; it lets the user read every Secret',
  },
  { in: connect, group: '', resource: 'services', verbs: ['get'], why: 'to find the pods of Connect' },
  { in: connect, group: '', resource: 'pods', verbs: ['list'], why: 'to find the pods of Connect, and why one does not start' },
  {
    in: connect,
    group: '',
    resource: 'pods/portforward',
    verbs: ['get', 'create'],
    why: 'to try the new token on Connect before anything is written (`create` since Kubernetes 1.35)',
  },
  { in: connect, group: '', resource: 'pods/log', verbs: ['get'], why: 'what Connect says about its credentials' },
]

/** What a user needs for `rotate-token` and `rotate-credentials`, why, and as RBAC objects that can be applied. */
export function rotationSections() {
  return `## For rotate-token

${rows(needed)}

A store may take its token from a Secret of another name or namespace: change it here. \`rotate-token --check\` needs \`list\` on
both kinds of stores, and \`get\` on the Secret.

${objects('eso-bootstrap-rotate', needed, account, true)}

## For rotate-credentials, as well

${rows(credentials)}

${objects('eso-bootstrap-rotate-credentials', credentials, account)}

## For a rotation with --verify-item, or without an ExternalSecret that can be asked, as well

${rows(throwAway)}

With \`--verify-item\` it is in the namespace of the token's Secret, otherwise in that of the ExternalSecret whose place it takes.

${objects('eso-bootstrap-rotate-proof', throwAway, account)}

## For a rotation to know more

Without these it works the same, and says what it could not see: the new token is tried by the synchronisation alone, a store that
nothing reads from is Ready as far as is told, and copies of the token are not looked for.

${rows(better)}

${objects('eso-bootstrap-rotate-better', better, account)}`
}

import { objects, rows } from './roles.js'

const connect = 'external-secrets'
const account = { name: 'eso-bootstrap-verify', namespace: connect }
const watch = ['get', 'list', 'watch']
const stores = 'to find the stores, and to wait until one is Ready'

const needed = [
  { group: 'external-secrets.io', resource: 'clustersecretstores', verbs: watch, why: stores },
  { group: 'external-secrets.io', resource: 'secretstores', verbs: watch, why: stores },
  {
    in: connect,
    group: 'external-secrets.io',
    resource: 'externalsecrets',
    verbs: [...watch, 'create', 'delete'],
    why: 'the throw-away ExternalSecret',
  },
  {
    in: connect,
    group: '',
    resource: 'secrets',
    verbs: ['get', 'delete'],
    why: 'what it becomes, under a name that is made up each time; and the token, to ask Connect',
  },
]

const better = [
  { in: connect, group: '', resource: 'services', verbs: ['get'], why: 'to find the pods of Connect' },
  { in: connect, group: '', resource: 'pods', verbs: ['list'], why: 'to find the pods of Connect' },
  {
    in: connect,
    group: '',
    resource: 'pods/portforward',
    verbs: ['get', 'create'],
    why: 'to compare with what Connect gives (`create` since Kubernetes 1.35)',
  },
  { group: '', resource: 'events', verbs: ['list'], why: 'why a store is not Ready, or a value does not come' },
  {
    group: 'external-secrets.io',
    resource: 'externalsecrets',
    verbs: ['list'],
    why: 'to find what killed runs have left in other namespaces',
  },
]

/** What a user needs for `verify`, why, and as RBAC objects that can be applied; test/docs/verify-permissions.test.ts tries them. */
export function verifySections() {
  return `## For verify

${rows(needed)}

The ExternalSecret is in the namespace that \`--namespace\` names, or else in that of the SecretStore, or of the token.

${objects('eso-bootstrap-verify', needed, account, true)}

## For verify to know more

Without these a value comes through all the same, and it is said that it was not compared.

${rows(better)}

${objects('eso-bootstrap-verify-better', better, account)}`
}

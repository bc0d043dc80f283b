import type { Rule } from '../../../src/sandbox/api/access.ts'
import { terminate } from '../../../src/sandbox/api/delete.ts'
import type { Place } from './place.ts'
import { type Row, refuses } from './refusals.ts'

/** The usual, as somebody who may do no more than this. */
async function as(at: Place, ...rules: Rule[]) {
  at.sandbox.api.allow('somebody', rules)
  return { env: { KUBECONFIG: await at.file('kubeconfig', at.sandbox.api.kubeconfig('somebody')) } }
}

const base = 'infrastructure/base/external-secrets'
const reads: Rule = { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }

const readable = [
  'namespaces',
  'deployments',
  'customresourcedefinitions',
  'kustomizations',
  'gitrepositories',
  'helmreleases',
  'clustersecretstores',
]

const rows: Row[] = [
  {
    wrong: 'a user who may not even read',
    with: (at) => as(at),
    exit: 'refused',
    id: 'forbidden',
    what: 'You may not list kustomizations.kustomize.toolkit.fluxcd.io.',
    why: 'The user of the context sandbox lacks that permission.',
    fix: "kubectl --context 'sandbox' auth can-i list kustomizations.kustomize.toolkit.fluxcd.io",
  },
  {
    wrong: 'a user who may read all but Leases',
    with: (at) => as(at, { ...reads, resources: [...readable, 'secrets'] }),
    exit: 'refused',
    id: 'forbidden',
    what: 'You may not get leases.coordination.k8s.io eso-bootstrap in external-secrets.',
    fix: "kubectl --context 'sandbox' auth can-i get leases.coordination.k8s.io -n external-secrets",
  },
  {
    wrong: 'a user who may only read',
    with: (at) => as(at, reads),
    exit: 'refused',
    id: 'permission-missing',
    what: 'This user may not patch namespaces in the cluster; create, patch or delete leases.coordination.k8s.io in external-secrets; create, patch or delete secrets in external-secrets; patch gitrepositories.source.toolkit.fluxcd.io in flux-system; patch kustomizations.kustomize.toolkit.fluxcd.io in flux-system; patch clustersecretstores.external-secrets.io in the cluster.',
    why: 'All permissions are checked before anything is written; nothing was changed.',
    fix: 'kubectl auth can-i --list -n external-secrets',
  },
  {
    wrong: 'a user who may do all but take the lock and ask Flux',
    with: (at) => as(at, reads, { apiGroups: [''], resources: ['namespaces', 'secrets'], verbs: ['*'] }),
    exit: 'refused',
    id: 'permission-missing',
    what: 'This user may not create, patch or delete leases.coordination.k8s.io in external-secrets; patch gitrepositories.source.toolkit.fluxcd.io in flux-system; patch kustomizations.kustomize.toolkit.fluxcd.io in flux-system; patch clustersecretstores.external-secrets.io in the cluster.',
    fix: 'Let somebody grant them',
  },
  {
    wrong: 'a user who may do all but wait for Connect and look at what came through',
    with: async (at) => {
      const all = { resources: ['*'], verbs: ['*'] }
      const groups = ['coordination.k8s.io', 'apiextensions.k8s.io', 'kustomize.toolkit.fluxcd.io', 'source.toolkit.fluxcd.io']
      const rules = [
        { ...all, apiGroups: [...groups, 'helm.toolkit.fluxcd.io'] },
        { ...all, apiGroups: ['external-secrets.io'], resources: ['clustersecretstores', 'secretstores'] },
        { ...all, apiGroups: ['', 'apps'], verbs: ['get', 'create', 'patch'] },
      ]
      return { ...(await as(at, ...rules)), flags: { 'verify-item': 'item' } }
    },
    exit: 'refused',
    id: 'permission-missing',
    what: 'This user may not delete secrets in external-secrets; list or watch deployments.apps in external-secrets; get, list, watch, create or delete externalsecrets.external-secrets.io in external-secrets.',
    why: 'All permissions are checked before anything is written; nothing was changed.',
    fix: 'kubectl auth can-i --list -n external-secrets',
  },
  {
    wrong: 'a namespace that is being deleted',
    with: async (at) => {
      const { store } = at.sandbox.api
      const file = `${base}/kustomization.yaml`
      await at.commit({ [file]: `namespace: doomed\n${await at.read(file)}` })
      const home = await at.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } })
      await at.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'held', namespace: 'doomed', finalizers: ['example.com/held'] } })
      terminate({ store, now: () => new Date() }, { ...home, metadata: { ...home.metadata, finalizers: ['kubernetes'] } }, false)
    },
    exit: 'blocked',
    id: 'namespace-terminating',
    what: 'The namespace doomed is being deleted.',
    fix: 'kubectl get namespace doomed --watch',
  },
  {
    wrong: 'another --namespace than the manifests have',
    with: () => ({ flags: { namespace: 'secrets' } }),
    exit: 'usage',
    id: 'namespace-differs',
    what: 'The manifests put Connect into the namespace external-secrets, not into secrets.',
    fix: 'Leave --namespace out',
  },
  {
    wrong: 'another run that holds the lock',
    with: async (at) => {
      const time = '2099-01-01T00:00:00.000000Z'
      const spec = { holderIdentity: 'ada@laptop 4711', leaseDurationSeconds: 60, acquireTime: time, renewTime: time }
      await at.put({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'eso-bootstrap', namespace: 'external-secrets' },
        spec,
      })
    },
    exit: 'busy',
    id: 'busy',
    what: 'Another run is at work on the namespace external-secrets: ada@laptop 4711 since 2099-01-01 00:00:00 UTC.',
    why: 'It holds the Lease eso-bootstrap, which expires at 2099-01-01 00:01:00 UTC unless it is renewed.',
    fix: 'Wait until it has ended, then run this again.',
  },
  {
    // The last one: what is injected stays.
    wrong: 'an API server that fails',
    with: (at) => {
      const message = `etcdserver: ${at.sandbox.api.token()}`
      at.sandbox.api.inject({ match: { resource: 'namespaces' }, times: 40, answer: { status: 500, reason: 'InternalError', message } })
    },
    exit: 'blocked',
    id: 'server-error',
    what: 'The API server at <server> answered get namespaces external-secrets with status 500.',
    fix: "kubectl --context 'sandbox' get --raw '/readyz?verbose'",
  },
]

refuses(rows)

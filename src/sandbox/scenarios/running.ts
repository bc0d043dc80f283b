import { kinds } from '../kinds.ts'
import { eachText } from './files.ts'
import { setUp } from './set-up.ts'
import { namespace, type Scenario } from './stage.ts'

const rbac = 'rbac.authorization.k8s.io'

/** What may be wrong with what runs in a cluster that is set up, and with who can get at it. */
export const runningScenarios: Record<string, Scenario> = {
  'webhook-down': setUp("The operator's webhook was scaled to zero.", {
    after: ({ api }) => {
      const found = api.store.get(kinds.deployment, namespace, 'external-secrets-webhook')
      if (found !== undefined) api.store.put({ ...found, spec: { ...found['spec'], replicas: 0 } }, 'kubectl-edit')
    },
  }),
  'old-connect': setUp('Connect 1.5.0 runs, which is older than what External Secrets Operator works with.', {
    files: (files) => eachText(files, (text) => text.replace(/(1password\/connect-(?:api|sync)):[\w.]+/g, '$1:1.5.0')),
  }),
  'image-missing': setUp('The image of Connect is written with a tag that the registry does not have.', {
    files: (files) => eachText(files, (text) => text.replace(/(1password\/connect-(?:api|sync)):[\w.]+/g, '$1:newest')),
  }),
  'connect-pending': setUp('Connect asks for more memory than any node has.', {
    files: (files) =>
      eachText(files, (text) => (isConnect(text) ? text.replace(/(requests:\n +cpu: \S+\n +memory: )\S+/g, '$1200Gi') : text)),
  }),
  'connect-out-of-memory': setUp('Connect may use less memory than it needs to start.', {
    files: (files) =>
      eachText(files, (text) =>
        isConnect(text)
          ? text.replace(/(limits:\n +memory: )\S+/g, '$116Mi').replace(/(requests:\n +cpu: \S+\n +memory: )\S+/g, '$116Mi')
          : text,
      ),
  }),
  'connect-exposed': setUp('The Service of Connect is a load balancer.', {
    files: (files) =>
      eachText(files, (text) => (/name: onepassword-connect\n/.test(text) ? text.replace('type: ClusterIP', 'type: LoadBalancer') : text)),
  }),
  'wide-rbac': setUp('Everybody who is signed in may read the Secrets of the namespace.', {
    after: ({ api }) => {
      const metadata = { name: 'read-secrets', namespace }
      const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }]
      const roleRef = { apiGroup: rbac, kind: 'Role', name: 'read-secrets' }
      const subjects = [{ apiGroup: rbac, kind: 'Group', name: 'system:authenticated' }]
      api.store.put({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules }, 'a-person')
      api.store.put({ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata, roleRef, subjects }, 'a-person')
    },
  }),
  'encryption-off': setUp('The API server keeps Secrets in etcd as they are.', {
    after: ({ api }) => {
      const metadata = {
        name: 'kube-apiserver-one',
        namespace: 'kube-system',
        labels: { component: 'kube-apiserver', tier: 'control-plane' },
      }
      const command = ['kube-apiserver', '--etcd-servers=https://127.0.0.1:2379', '--authorization-mode=Node,RBAC']
      api.store.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } }, 'kubeadm')
      api.store.put(
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata,
          spec: { containers: [{ name: 'kube-apiserver', image: 'registry.k8s.io/kube-apiserver:v1.34.1', command }] },
        },
        'kubelet',
      )
    },
  }),
  'namespace-terminating': setUp('The namespace of Connect is being deleted, and something in it keeps it.', {
    after: ({ api }) => {
      const found = api.store.get(kinds.namespace, undefined, namespace)
      if (found === undefined) return
      const finalizers = ['example.com/nobody-is-there-any-more']
      api.store.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace, finalizers }, data: {} }, 'a-person')
      const metadata = { ...found.metadata, deletionTimestamp: new Date().toISOString() }
      api.store.put({ ...found, metadata, status: { phase: 'Terminating' } }, 'kubectl')
    },
  }),
}

function isConnect(text: string): boolean {
  return text.includes('1password/connect-api')
}

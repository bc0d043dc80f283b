import { all } from '../../kubernetes/collect.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { pods } from '../../kubernetes/resources.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'

const subject = 'encryption at rest'

export const encryptionAtRest: ClusterCheck = {
  id: 'encryption-at-rest',
  category: 'security',
  title: 'the API server is told to encrypt what it keeps in etcd',
  severity: 'warning',
  needs: ['api-server'],
  page: {
    symptom: 'None: all works.',
    cause:
      'Without --encryption-provider-config the API server writes Secrets to etcd as they are: who gets its disk or a backup reads them.',
    fix: 'Give kube-apiserver an EncryptionConfiguration, then write all Secrets anew.',
    sources: ['https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/'],
  },
  looksAt: 'cluster',
  async look({ cluster, signal }) {
    const labelSelector = 'component=kube-apiserver'
    const found = await all(cluster.list(pods, { namespace: 'kube-system', labelSelector, signal }))
    if (found.length === 0) {
      return [{ notSeen: subject, why: 'No pod of the API server shows in kube-system, as in managed clusters and k3s: ask who runs it.' }]
    }
    return found.flatMap(wrongWith)
  },
}

function wrongWith({ metadata, spec }: KubernetesObject): (Finding | NotSeen)[] {
  const about = `Pod kube-system/${metadata.name}`
  const containers: { command?: string[]; args?: string[] }[] = spec?.containers ?? []
  const words = containers.flatMap(({ command = [], args = [] }) => [...command, ...args]).join(' ')
  if (/(^|\s)--encryption-provider-config[= ]/.test(words)) return []
  // Every API server has this one: where it isn't there, its options come from somewhere else.
  if (!/(^|\s)--etcd-servers[= ]/.test(words)) return [{ notSeen: subject, why: `${about} does not show the options of the API server.` }]
  return [
    {
      about,
      why: 'It runs without --encryption-provider-config: Secrets lie in etcd, and in its backups, as they are unless the disk itself is encrypted.',
      fix: ['https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/'],
    },
  ]
}

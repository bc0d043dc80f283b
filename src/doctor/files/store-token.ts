import type { FilesCheck } from '../check.ts'
import { storesOf } from './stores-of.ts'

const way = ['spec', 'provider', 'onepassword', 'auth', 'secretRef', 'connectTokenSecretRef'] as const

export const storeTokenNamespace: FilesCheck = {
  id: 'store-token-namespace',
  category: 'files',
  title: 'each ClusterSecretStore says in which namespace its token is, and each SecretStore stays in its own',
  severity: 'error',
  needs: ['folder-readable'],
  page: {
    symptom:
      'Flux says that the webhook denied the request: "cluster scope requires namespace", or "namespace should either be empty or match".',
    cause:
      'A ClusterSecretStore has no namespace of its own, so connectTokenSecretRef must name one. A SecretStore only ever reads its own.',
    fix: 'Write the namespace of the token Secret into connectTokenSecretRef of the ClusterSecretStore; take it out of the SecretStore.',
    sources: [
      'https://github.com/external-secrets/external-secrets/issues/2892',
      'https://github.com/external-secrets/external-secrets/blob/main/runtime/esutils/utils.go',
    ],
  },
  looksAt: 'files',
  async look(world) {
    return (await storesOf(world)).flatMap(({ says, kind, namespace, token, at }) => {
      const place = (...path: string[]) => {
        const found = at(...path)
        return found === undefined ? {} : { at: found }
      }
      if (kind === 'ClusterSecretStore' && !token.namespace)
        return [
          {
            about: says,
            why: 'Its connectTokenSecretRef names no namespace, and a ClusterSecretStore has none of its own: the operator refuses it.',
            fix: ['Add namespace: external-secrets (that of the token Secret) to connectTokenSecretRef.'],
            ...place(...way),
          },
        ]
      if (!token.namespace || namespace === undefined || token.namespace === namespace) return []
      return [
        {
          about: says,
          why: `It is in ${namespace} and takes its token from ${token.namespace}: a SecretStore may read only its own namespace.`,
          fix: [`Put the token Secret into ${namespace} and take the line out, or make it a ClusterSecretStore.`],
          ...place(...way, 'namespace'),
        },
      ]
    })
  },
}

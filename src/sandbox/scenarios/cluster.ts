import { kinds } from '../kinds.ts'
import { enabled, inOneKustomization, withChartVersion, withoutCrds, withStoreApi, withVault } from './files.ts'
import { namespace, putBootstrapSecrets, putSecret, type Scenario } from './stage.ts'

/** What may be wrong in the cluster. */
export const clusterScenarios: Record<string, Scenario> = {
  'flux-absent': { says: 'The cluster has no Flux.', fluxAbsent: true },
  'wrong-encoding': {
    says: 'Somebody put the credentials into the cluster as raw JSON, but Connect reads them from its environment and wants base64.',
    files: (files, vault) => enabled(withVault(files, vault)),
    before: (stage) => putBootstrapSecrets(stage, stage.access.credentials.reveal()),
  },
  'dead-lock': {
    says: 'Operator and stores are in one Flux Kustomization: nothing of it can be applied, because the CRDs come with the operator.',
    files: (files, vault) => inOneKustomization(withVault(files, vault)),
  },
  'v1beta1-only': {
    says: 'An old External Secrets Operator (0.11) runs, which serves external-secrets.io/v1beta1 only.',
    files: (files) => withChartVersion(withStoreApi(files, 'v1beta1'), '0.11.0'),
  },
  'v1-only-old-manifests': {
    says: 'The operator serves external-secrets.io/v1 only, but the manifests still say v1beta1.',
    files: (files) => withStoreApi(files, 'v1beta1'),
  },
  'missing-crd': {
    says: 'The HelmRelease says installCRDs: false, and nobody else brought the CRDs.',
    files: withoutCrds,
  },
  suspended: {
    says: 'The Flux Kustomizations of External Secrets are suspended.',
    after: ({ api }) => {
      for (const each of api.store.list(kinds.kustomization)) {
        if (each.metadata.name !== 'flux-system') api.store.put({ ...each, spec: { ...each['spec'], suspend: true } }, 'flux')
      }
    },
  },
  'foreign-secret': {
    says: 'An ExternalSecret owns the token Secret, and would write over whatever is put there.',
    after: (stage) => {
      const name = 'onepassword-connect-token'
      const remoteRef = { key: 'connect', property: 'token' }
      const spec = { secretStoreRef: { name: 'other' }, target: { name }, data: [{ secretKey: 'token', remoteRef }] }
      const external = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name, namespace }, spec }
      const { apiVersion, kind, metadata } = stage.api.store.put(external, 'kubectl-create')
      putSecret(stage, name, 'token', stage.access.mint().reveal(), {
        labels: { 'reconcile.external-secrets.io/managed': 'true' },
        ownerReferences: [{ apiVersion, kind, name, uid: metadata.uid, controller: true, blockOwnerDeletion: true }],
      })
    },
  },
  locked: {
    says: 'Another run of eso-bootstrap holds the lock, and will for an hour.',
    after: ({ apply }) => {
      const now = new Date().toISOString().replace('Z', '000Z')
      const spec = { holderIdentity: 'somebody@another-machine 4711', leaseDurationSeconds: 3600, acquireTime: now, renewTime: now }
      const metadata = { name: 'eso-bootstrap', namespace }
      apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, { manager: 'somebody', dryRun: false })
      apply({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }, { manager: 'eso-bootstrap', dryRun: false })
    },
  },
}

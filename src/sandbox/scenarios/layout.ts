import { makeCredentials } from '../credentials.ts'
import { esoCrds } from '../external-secrets/crds.ts'
import { kinds } from '../kinds.ts'
import { eachText, type Files, inOneKustomization, withStoreApi } from './files.ts'
import { setUp } from './set-up.ts'
import { putBootstrapSecrets, type Scenario } from './stage.ts'

const folder = 'infrastructure/base/external-secrets'

/** What may be wrong with the files, and with how Flux gets at them, of a cluster that is set up. */
export const layoutScenarios: Record<string, Scenario> = {
  'v1beta1-manifests': setUp('The stores are written for external-secrets.io/v1beta1, which the operator no longer serves.', {
    files: (files) => withStoreApi(files, 'v1beta1'),
  }),
  'one-kustomization-running': setUp('Operator and stores are in one Flux Kustomization; it runs, because the CRDs were there before.', {
    files: inOneKustomization,
    secrets: (stage) => {
      for (const crd of esoCrds(2, 9, {})) stage.api.store.put(crd, 'kubectl-create')
      putBootstrapSecrets(stage)
    },
  }),
  'namespace-prunable': setUp('Flux would delete the namespace, with the Secrets in it, when its file goes.', {
    files: (files) =>
      eachText(files, (text) => text.replace(/^ +annotations:\n(?: +#.*\n)* +kustomize\.toolkit\.fluxcd\.io\/prune: disabled\n/m, '')),
  }),
  'unreached-file': setUp('A second store lies in the folder, and no kustomization lists it.', {
    files: (files) => ({ ...files, [`${folder}/secretstores/team.yaml`]: forTeam(files) }),
  }),
  'dead-health-check': setUp('An expression says when a store is healthy, and nothing ever asks for it.', {
    files: (files) => eachText(files, (text) => text.replace(/(name: external-secrets\n[\s\S]*?)^ {2}wait: true\n/m, `$1${expression}`)),
  }),
  'suspended-running': setUp('All is set up, and the Flux Kustomizations are suspended since.', {
    after: ({ api }) => {
      for (const each of api.store.list(kinds.kustomization))
        if (each.metadata.name !== 'flux-system') api.store.put({ ...each, spec: { ...each['spec'], suspend: true } }, 'flux')
    },
  }),
  unpushed: setUp('All is set up, and somebody has committed a change and not pushed it.', {
    after: async ({ clone, files }) => {
      const path = `${folder}/kustomization.yaml`
      await clone.commit({ [path]: `${files[path]}# Reviewed.\n` }, 'Say that it was reviewed', { push: false })
    },
  }),
  'credentials-in-git': setUp('Somebody has committed the credentials file.', {
    files: (files) => ({ ...files, '1password-credentials.json': makeCredentials().reveal() }),
  }),
}

const expression = `  healthCheckExprs:
    - apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      failed: status.conditions.exists(e, e.type == 'Ready' && e.status == 'False')
      current: status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')
`

function forTeam(files: Files): string {
  const [first = ''] = (files[`${folder}/secretstores/onepassword-secretstore.yaml`] ?? '').split('---\n')
  return first.replace('name: onepassword\n', 'name: team\n')
}

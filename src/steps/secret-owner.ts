import { Failure } from '../failure.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'

/** A Failure that names who would overwrite this Secret after us: Flux (also from SOPS) or an ExternalSecret. */
export function ownerOf(secret: KubernetesObject): Failure | undefined {
  const { labels = {}, ownerReferences = [], namespace, name } = secret.metadata
  const what = `Secret ${namespace}/${name}`
  const external = ownerReferences.find(({ kind }) => kind === 'ExternalSecret')
  // https://external-secrets.io/latest/guides/ownership-deletion-policy/
  if (external !== undefined || labels['reconcile.external-secrets.io/managed'] === 'true') {
    return new Failure({
      id: 'secret-owned-by-external-secret',
      exit: 'blocked',
      what: `${what} is written by the ExternalSecret ${external === undefined ? 'of the operator' : external.name}.`,
      why: 'Whatever is put in now is overwritten at its next refresh.',
      fix: ['Change the item in 1Password that it reads', `or delete the ExternalSecret: kubectl get externalsecret -n ${namespace}`],
    })
  }
  const flux = labels['kustomize.toolkit.fluxcd.io/name']
  if (flux !== undefined) {
    return new Failure({
      id: 'secret-owned-by-flux',
      exit: 'blocked',
      what: `${what} is applied by the Flux Kustomization ${labels['kustomize.toolkit.fluxcd.io/namespace']}/${flux}.`,
      why: 'Whatever is put in now is overwritten at its next reconciliation.',
      fix: [
        'Change it in git (if it is encrypted: sops <file>)',
        'or take it out of git first, with the annotation kustomize.toolkit.fluxcd.io/prune: disabled',
      ],
    })
  }
  return undefined
}

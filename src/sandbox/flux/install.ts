import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { Apply } from './apply.ts'
import type { Reference } from './checkout.ts'
import { fluxCrds } from './crds.ts'

/** The release that the sandbox's cluster runs, and what its controllers are called there. */
const version = 'v2.9.4'
const controllers = { source: 'v1.9.4', kustomize: 'v1.9.4', helm: 'v1.6.3', notification: 'v1.9.2' }
const namespace = 'flux-system'

export interface Sync {
  url: string
  ref: Reference
  path: string
  /** Read from an OCI artifact instead of the git repository. */
  oci?: boolean
}

/** What `flux install` puts into a cluster: namespace, kinds, controllers. */
export function installFlux(apply: Apply): void {
  const labels = { 'app.kubernetes.io/instance': namespace, 'app.kubernetes.io/part-of': 'flux', 'app.kubernetes.io/version': version }
  const objects: KubernetesObject[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    ...fluxCrds(labels),
    ...Object.entries(controllers).map(([name, image]) => deployment(`${name}-controller`, image, labels)),
  ]
  for (const object of objects) apply(object, { manager: 'flux', dryRun: false })
}

function deployment(name: string, image: string, labels: Record<string, string>): KubernetesObject {
  const selector = { app: name }
  const containers = [{ name: 'manager', image: `ghcr.io/fluxcd/${name}:${image}` }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { ...labels, 'app.kubernetes.io/component': name } },
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      template: { metadata: { labels: { ...selector, ...labels } }, spec: { containers } },
    },
  }
}

/** The two objects that make Flux follow a repository, as `flux bootstrap` writes them. */
export function syncObjects({ url, ref, path, oci = false }: Sync): KubernetesObject[] {
  const metadata = { name: 'flux-system', namespace }
  const kind = oci ? 'OCIRepository' : 'GitRepository'
  const source = { interval: '1m', ref: oci ? { tag: 'latest' } : { ...ref }, url }
  return [
    { apiVersion: 'source.toolkit.fluxcd.io/v1', kind, metadata, spec: source },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: { interval: '10m', path, prune: true, sourceRef: { kind, name: 'flux-system' } },
    },
  ]
}

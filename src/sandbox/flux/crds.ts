import type { KubernetesObject } from '../../kubernetes/object.ts'
import { age, type Column, crd, loose, readyColumns } from '../crd.ts'

const text = { type: 'string' }
const flag = { type: 'boolean' }
const reference = loose({ apiVersion: text, kind: text, name: text, namespace: text }, ['name'])
const duration = { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' }
const url: Column = { name: 'URL', type: 'string', jsonPath: '.spec.url' }

/** Flux's kinds as v2.9 serves them (https://fluxcd.io/flux/components/). */
export function fluxCrds(labels: Record<string, string>): KubernetesObject[] {
  const source = { group: 'source.toolkit.fluxcd.io', versions: [{ name: 'v1' }], labels, initialStatus: { observedGeneration: -1 } }
  return [
    crd({
      ...source,
      kind: 'GitRepository',
      plural: 'gitrepositories',
      shortNames: ['gitrepo'],
      spec: loose({ url: text, interval: duration, suspend: flag, ref: loose({ branch: text, tag: text, name: text }) }, [
        'interval',
        'url',
      ]),
      columns: [url, age, ...readyColumns],
    }),
    crd({
      ...source,
      kind: 'OCIRepository',
      plural: 'ocirepositories',
      shortNames: ['ocirepo'],
      spec: loose({ url: text, interval: duration, suspend: flag }, ['interval', 'url']),
      columns: [url, ...readyColumns, age],
    }),
    crd({
      ...source,
      kind: 'HelmRepository',
      plural: 'helmrepositories',
      shortNames: ['helmrepo'],
      spec: loose({ url: text, interval: duration, suspend: flag, type: { type: 'string', enum: ['default', 'oci'] } }, ['url']),
      columns: [url, age, ...readyColumns],
    }),
    crd({ ...source, kind: 'Bucket', plural: 'buckets', columns: [age, ...readyColumns] }),
    crd({ ...source, kind: 'HelmChart', plural: 'helmcharts', shortNames: ['hc'], columns: [age, ...readyColumns] }),
    crd({
      group: 'kustomize.toolkit.fluxcd.io',
      kind: 'Kustomization',
      plural: 'kustomizations',
      shortNames: ['ks'],
      versions: [{ name: 'v1' }],
      labels,
      initialStatus: { observedGeneration: -1 },
      spec: loose(
        {
          interval: duration,
          retryInterval: duration,
          timeout: duration,
          path: text,
          prune: flag,
          wait: flag,
          suspend: flag,
          sourceRef: reference,
          dependsOn: { type: 'array', items: reference },
          healthChecks: { type: 'array', items: reference },
        },
        ['interval', 'prune', 'sourceRef'],
      ),
      columns: [age, ...readyColumns],
    }),
    crd({
      group: 'helm.toolkit.fluxcd.io',
      kind: 'HelmRelease',
      plural: 'helmreleases',
      shortNames: ['hr'],
      versions: [{ name: 'v2' }],
      labels,
      initialStatus: { observedGeneration: -1 },
      spec: loose({ interval: duration, suspend: flag, releaseName: text, targetNamespace: text }, ['interval']),
      columns: [age, ...readyColumns],
    }),
  ]
}

import type { KubernetesObject } from '../../kubernetes/object.ts'
import { age, type Column, crd, loose, readyColumns } from '../crd.ts'

const text = { type: 'string' }
const group = 'external-secrets.io'
const [ready] = readyColumns as [Column, Column]
const reason: Column = { name: 'Status', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' }
const capabilities: Column = { name: 'Capabilities', type: 'string', jsonPath: '.status.capabilities' }

const selector = loose({ name: text, key: { type: 'string', pattern: '^[-._a-zA-Z0-9]+$' }, namespace: text })
const onepassword = loose(
  {
    auth: loose({ secretRef: loose({ connectTokenSecretRef: selector }, ['connectTokenSecretRef']) }, ['secretRef']),
    connectHost: text,
    vaults: { type: 'object', additionalProperties: { type: 'integer' } },
  },
  ['auth', 'connectHost', 'vaults'],
)
const storeSpec = loose({ provider: loose({ onepassword }) }, ['provider'])
const storeRef = loose({ name: text, kind: { type: 'string', enum: ['SecretStore', 'ClusterSecretStore', 'ClusterGenerator'] } })

/**
 * The versions that a release of ESO serves: v1 came with 0.16, and v1beta1 went with 0.17
 * (https://external-secrets.io/latest/introduction/deprecation-policy/).
 */
function servedVersions(major: number, minor: number): { name: string; served?: boolean }[] {
  if (major === 0 && minor <= 15) return [{ name: 'v1beta1' }]
  return [{ name: 'v1' }, { name: 'v1beta1', served: major === 0 && minor === 16 }]
}

/** The CustomResourceDefinitions that the chart of this version brings. */
export function esoCrds(major: number, minor: number, labels: Record<string, string>): KubernetesObject[] {
  const versions = servedVersions(major, minor)
  const store = { group, versions, labels, categories: ['external-secrets'], spec: storeSpec, columns: [age, reason, capabilities, ready] }
  const secret = loose({
    secretStoreRef: storeRef,
    target: loose({ name: text, creationPolicy: { type: 'string', enum: ['Owner', 'Orphan', 'Merge', 'None'] } }),
    data: {
      type: 'array',
      items: loose({ secretKey: text, remoteRef: loose({ key: text, property: text }, ['key']) }, ['secretKey', 'remoteRef']),
    },
  })
  const storeKind: Column = { name: 'StoreType', type: 'string', jsonPath: '.spec.secretStoreRef.kind' }
  const storeName: Column = { name: 'Store', type: 'string', jsonPath: '.spec.secretStoreRef.name' }
  const interval: Column = { name: 'Refresh Interval', type: 'string', jsonPath: '.spec.refreshInterval' }
  return [
    crd({ ...store, kind: 'ClusterSecretStore', plural: 'clustersecretstores', shortNames: ['css'], scope: 'Cluster' }),
    crd({ ...store, kind: 'SecretStore', plural: 'secretstores', shortNames: ['ss'] }),
    crd({
      group,
      versions,
      labels,
      kind: 'ExternalSecret',
      plural: 'externalsecrets',
      shortNames: ['es'],
      categories: ['external-secrets'],
      spec: secret,
      columns: [storeKind, storeName, interval, reason, ready],
    }),
    crd({
      group,
      versions,
      labels,
      kind: 'ClusterExternalSecret',
      plural: 'clusterexternalsecrets',
      shortNames: ['ces'],
      scope: 'Cluster',
    }),
    crd({ group, versions: [{ name: 'v1alpha1' }], labels, kind: 'PushSecret', plural: 'pushsecrets', shortNames: ['ps'] }),
  ]
}

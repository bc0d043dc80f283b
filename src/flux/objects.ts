import type { Cluster } from '../kubernetes/cluster.ts'
import { all } from '../kubernetes/collect.ts'
import { type Condition, condition, type KubernetesObject } from '../kubernetes/object.ts'
import { customResourceDefinitions } from '../kubernetes/resources.ts'
import { fluxPath } from '../manifests/graph.ts'

export interface Reference {
  name: string
  namespace: string
}

export interface SourceReference extends Reference {
  kind: string
}

export interface FluxKustomization extends Reference {
  /** `spec.path` as a path of the repository; empty for its root. */
  path: string
  source: SourceReference
  suspended: boolean
  prune: boolean
  wait: boolean
  dependsOn: Reference[]
  healthChecks: { kind: string; name: string; namespace?: string }[]
  /** The Flux Kustomization that applies this one, if one does. */
  parent: Reference | undefined
  ready: Condition | undefined
  stalled: Condition | undefined
  lastAppliedRevision: string | undefined
  lastAttemptedRevision: string | undefined
  generation: number
  observedGeneration: number | undefined
  /** `<namespace>_<name>_<group>_<kind>` of what it applied. */
  inventory: string[]
  /** `${…}` in its manifests is replaced before they are applied. */
  substitutes: boolean
}

export interface FluxSource extends SourceReference {
  /** Without a password. */
  url: string
  ref: { branch?: string; name?: string; tag?: string; semver?: string; commit?: string }
  /** The branch that a push must hit; undefined where no push to a branch is ever picked up. */
  branch: string | undefined
  /** Of the artifact that is in use: `main@sha1:…`. */
  revision: string | undefined
  suspended: boolean
  ready: Condition | undefined
}

export interface FluxView {
  installed: boolean
  /** Of the distribution, such as `2.9.4`; undefined where it can't be read. */
  version?: string
  kustomizations: FluxKustomization[]
  sources: FluxSource[]
}

export const groups = { kustomize: 'kustomize.toolkit.fluxcd.io', source: 'source.toolkit.fluxcd.io', helm: 'helm.toolkit.fluxcd.io' }

/**
 * All Flux Kustomizations of this cluster, in all namespaces, and their sources, at the versions that the cluster prefers.
 * Those that apply to another cluster (`spec.kubeConfig`) are left out. Throws a Failure where listing isn't permitted.
 */
export async function readFlux(cluster: Cluster): Promise<FluxView> {
  const resource = await cluster.resource(groups.kustomize, 'Kustomization')
  if (resource === undefined) return { installed: false, kustomizations: [], sources: [] }
  const [objects, version] = await Promise.all([all(cluster.list(resource)), versionOf(cluster)])
  const kustomizations = objects.filter((object) => object['spec']?.kubeConfig === undefined).map(kustomizationFrom)
  const kinds = new Set(['GitRepository', ...kustomizations.map(({ source }) => source.kind)])
  const sources = (await Promise.all([...kinds].map((kind) => sourcesOf(cluster, kind)))).flat()
  return { installed: true, ...(version && { version }), kustomizations, sources }
}

/** What a Kustomization object says of itself. */
export function kustomizationFrom(object: KubernetesObject): FluxKustomization {
  const { metadata } = object
  const { spec = {}, status = {} } = object
  const namespace = metadata.namespace ?? ''
  const [parentName, parentNamespace] = ['name', 'namespace'].map((each) => metadata.labels?.[`${groups.kustomize}/${each}`])
  const within = (reference: { name: string; namespace?: string }) => ({
    name: reference.name,
    namespace: reference.namespace ?? namespace,
  })
  return {
    name: metadata.name,
    namespace,
    path: fluxPath(spec.path),
    source: { kind: spec.sourceRef?.kind ?? 'GitRepository', ...within(spec.sourceRef ?? { name: '' }) },
    suspended: spec.suspend === true,
    prune: spec.prune === true,
    wait: spec.wait === true,
    dependsOn: (spec.dependsOn ?? []).map(within),
    healthChecks: spec.healthChecks ?? [],
    parent: parentName && parentNamespace ? { name: parentName, namespace: parentNamespace } : undefined,
    ready: condition(object, 'Ready'),
    stalled: condition(object, 'Stalled'),
    lastAppliedRevision: status.lastAppliedRevision,
    lastAttemptedRevision: status.lastAttemptedRevision,
    generation: metadata.generation ?? 0,
    observedGeneration: status.observedGeneration,
    inventory: (status.inventory?.entries ?? []).map((entry: { id: string }) => entry.id),
    substitutes: hasEntries(spec.postBuild?.substitute) || hasEntries(spec.postBuild?.substituteFrom),
  }
}

/** What a source object says of itself. */
export function sourceFrom(object: KubernetesObject): FluxSource {
  const { spec = {}, status = {} } = object
  return {
    kind: object.kind,
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? '',
    url: String(spec.url ?? spec.endpoint ?? '').replace(/\/\/([^@/:]*):[^@/]*@/, '//$1@'),
    ref: spec.ref ?? {},
    branch: object.kind === 'GitRepository' ? branchOf(spec.ref ?? {}) : undefined,
    revision: status.artifact?.revision,
    suspended: spec.suspend === true,
    ready: condition(object, 'Ready'),
  }
}

/** Of several fields the first of these counts: https://fluxcd.io/flux/components/source/gitrepositories/#reference */
function branchOf(ref: FluxSource['ref']): string | undefined {
  if (ref.commit) return undefined
  if (ref.name) return /^refs\/heads\/(.+)$/.exec(ref.name)?.[1]
  if (ref.semver || ref.tag) return undefined
  return ref.branch || 'master'
}

async function sourcesOf(cluster: Cluster, kind: string): Promise<FluxSource[]> {
  const resource = await cluster.resource(groups.source, kind)
  return resource === undefined ? [] : (await all(cluster.list(resource))).map(sourceFrom)
}

/** Flux labels all that it installs with its version: https://fluxcd.io/flux/installation/ */
async function versionOf(cluster: Cluster): Promise<string | undefined> {
  const crd = await cluster.get(customResourceDefinitions, `kustomizations.${groups.kustomize}`).catch(() => undefined)
  return crd?.metadata.labels?.['app.kubernetes.io/version']?.replace(/^v/, '')
}

function hasEntries(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

import { groupOf, type Loaded, mapAt } from './documents.ts'

/** The chart that a HelmRelease installs. */
export interface Chart {
  name: string
  /** As written: a version, a range, or absent for "the newest". */
  version?: string
}

export function isHelmRelease(object: Record<string, unknown>): boolean {
  return object['kind'] === 'HelmRelease' && groupOf(object) === 'helm.toolkit.fluxcd.io'
}

/**
 * Name and version of a HelmRelease's chart: `spec.chart` says both; for a `spec.chartRef` they are those of the
 * OCIRepository, looked for among `others`. https://fluxcd.io/flux/components/helm/helmreleases/#chart-reference
 */
export function chartOf(release: object, others: readonly Loaded[]): Chart | undefined {
  const spec = mapAt(release, 'spec', 'chart', 'spec')
  if (typeof spec['chart'] === 'string') return chart(spec['chart'].replace(/\/+$/, '').replace(/^.*\//, ''), spec['version'])
  const reference = mapAt(release, 'spec', 'chartRef')
  if (typeof reference['name'] !== 'string') return undefined
  const repository = others.find(
    ({ object }) => object['kind'] === reference['kind'] && mapAt(object, 'metadata')['name'] === reference['name'],
  )?.object
  if (!repository) return chart(reference['name'], undefined)
  const ref = mapAt(repository, 'spec', 'ref')
  return chart(String(mapAt(repository, 'spec')['url'] ?? reference['name']).replace(/^.*\//, ''), ref['tag'] ?? ref['semver'])
}

/** The name of the Helm release: https://fluxcd.io/flux/components/helm/helmreleases/#release-name */
export function releaseNameOf(release: object): string {
  const { releaseName, targetNamespace } = mapAt(release, 'spec')
  const composed = [targetNamespace, mapAt(release, 'metadata')['name']].filter((each) => typeof each === 'string').join('-')
  return typeof releaseName === 'string' ? releaseName : composed
}

/**
 * How the official Connect chart of this version hands the credentials to Connect: up to 2.2.1 as OP_SESSION from the
 * Secret, from 2.3.0 on as a mounted file (https://github.com/1Password/connect-helm-charts/pull/196). Undefined where
 * the version is a range that holds both, or isn't said: then only the live Deployment knows.
 */
export function chartConsumer(version: string | undefined): 'environment' | 'file' | undefined {
  const [range, operator = '', major, minor] =
    /^\s*(\^|~>?|>=?|=)?\s*v?(\d+)(?:\.(\d+))?(?:\.(?:\d+|[x*]))*(?:[-+][\w.+-]+)?\s*$/i.exec(version ?? '') ?? []
  if (range === undefined) return undefined
  const lowest = number(major, minor ?? '0')
  const isOpen = operator.startsWith('>')
  const highest = isOpen ? Number.POSITIVE_INFINITY : number(major, operator === '^' || minor === undefined ? '999' : minor)
  const mountsSince = number('2', '3')
  if (lowest >= mountsSince) return 'file'
  return highest < mountsSince ? 'environment' : undefined
}

function number(major: string | undefined, minor: string): number {
  return Number(major) * 1000 + Number(minor)
}

function chart(name: string, version: unknown): Chart {
  return typeof version === 'string' || typeof version === 'number' ? { name, version: String(version) } : { name }
}

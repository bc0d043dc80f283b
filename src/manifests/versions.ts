import { Failure } from '../failure.ts'

/** The versions that scaffolded manifests are written for; `notes` are sentences for the plan. */
export interface Versions {
  /** Chart version of External Secrets Operator, as a HelmRelease takes it: `2.9.x`. */
  eso: string
  /** Image tag of both Connect containers. */
  connect: string
  externalSecrets: string
  helmRelease: string
  helmRepository: string
  kustomization: string
  notes: string[]
}

/** Versions without their group, from discovery: an empty list is a kind that isn't served. */
export interface Served {
  helmRelease?: string[]
  helmRepository?: string[]
  kustomization?: string[]
  externalSecrets?: string[]
}

export interface At {
  /** `--eso-version` and `--connect-version`. */
  esoVersion?: string
  connectVersion?: string
  served?: Served
  /** What the API server says it is: `v1.34.1`. */
  kubernetes?: string
}

interface Chart {
  line: string
  /** Versions of external-secrets.io that its CRDs serve, the one to write first. */
  serves: readonly string[]
  /** Minor of the lowest Kubernetes 1.x that it is tested on. */
  kubernetes: number
}

/**
 * Chart lines of External Secrets Operator, newest first. Chart and operator carry the same version.
 * Kubernetes: https://external-secrets.io/latest/introduction/stability-support/
 * v1 came with https://github.com/external-secrets/external-secrets/releases/tag/v0.16.0 and v1beta1 went with
 * https://github.com/external-secrets/external-secrets/releases/tag/v0.17.0
 */
const charts: readonly Chart[] = [
  ...lines(['2.9'], ['v1'], 36),
  ...lines(['2.8', '2.7'], ['v1'], 35),
  ...lines(['2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0', '1.3', '1.2', '1.1', '1.0', '0.20'], ['v1'], 34),
  ...lines(['0.19', '0.18', '0.17'], ['v1'], 33),
  ...lines(['0.16'], ['v1', 'v1beta1'], 32),
  ...lines(['0.15', '0.14'], ['v1beta1'], 32),
  ...lines(['0.13', '0.12', '0.11'], ['v1beta1'], 19),
]

/**
 * Connect: the default is what 1Password's own chart installs (appVersion of
 * https://github.com/1Password/connect-helm-charts/blob/main/charts/connect/Chart.yaml), the lowest is what ESO
 * works with (https://external-secrets.io/latest/provider/1password-automation/).
 */
const connectVersions = { default: '1.8.2', lowest: '1.5.6', lines: ['1.8', '1.7', '1.6', '1.5'] } as const

/**
 * Flux's kinds: the versions that the templates are valid in, the one to write first. The older ones are those of
 * Flux 2.0 to 2.2; HelmRelease v2 and HelmRepository v1 came with https://github.com/fluxcd/flux2/releases/tag/v2.3.0
 */
const fluxKinds = {
  helmRelease: { kind: 'HelmRelease', group: 'helm.toolkit.fluxcd.io', versions: ['v2', 'v2beta2', 'v2beta1'] },
  helmRepository: { kind: 'HelmRepository', group: 'source.toolkit.fluxcd.io', versions: ['v1', 'v1beta2'] },
  kustomization: { kind: 'Kustomization', group: 'kustomize.toolkit.fluxcd.io', versions: ['v1'] },
} as const

/**
 * The versions to scaffold for the cluster at hand or, where nothing is known of it, the newest of the tables above.
 * Throws a Failure: exit `usage` for a version that isn't in the tables, `blocked` where cluster and versions don't go together.
 */
export function chooseVersions(at: At): Versions {
  const served = at.served?.externalSecrets ?? []
  const minor = at.kubernetes === undefined ? undefined : minorOf(at.kubernetes)
  const chart = at.esoVersion === undefined ? chartFor(served, minor) : chartOf(at.esoVersion)
  const version = chart.serves.find((each) => served.length === 0 || served.includes(each))
  if (version === undefined) throw mismatch(at.esoVersion, chart, served)
  return {
    eso: exact(at.esoVersion) ?? `${chart.line}.x`,
    connect: connectVersion(at.connectVersion),
    externalSecrets: `external-secrets.io/${version}`,
    helmRelease: fluxVersion('helmRelease', at.served?.helmRelease),
    helmRepository: fluxVersion('helmRepository', at.served?.helmRepository),
    kustomization: fluxVersion('kustomization', at.served?.kustomization),
    notes: [...untested(chart, minor), ...installed(at.esoVersion, chart, served)],
  }
}

/**
 * Installed already: the newest line that serves just what the cluster serves, so that nothing is upgraded over the
 * API's change. Else the newest of this major that is tested on this Kubernetes; on an older one, the newest of
 * those that are tested on the oldest.
 */
function chartFor(served: readonly string[], minor = Number.POSITIVE_INFINITY): Chart {
  // Old CRDs serve v1alpha1 beside v1beta1, and PushSecret has never had another.
  const wanted = served.length === 0 ? ['v1'] : served.filter((each) => each !== 'v1alpha1')
  const same = charts.filter(({ serves }) => serves.length === wanted.length && serves.every((each) => wanted.includes(each)))
  const major = same[0]?.line.split('.')[0]
  const offered = same.filter(({ line }) => line.split('.')[0] === major)
  const lowest = Math.min(...offered.map(({ kubernetes }) => kubernetes))
  const chosen = offered.find(({ kubernetes }) => kubernetes <= Math.max(minor, lowest))
  if (chosen === undefined) throw mismatch(undefined, undefined, served)
  return chosen
}

function chartOf(said: string): Chart {
  const line = /^v?(\d+\.\d+)(\.(\d+|x|\*))?$/.exec(said)?.[1]
  const chart = charts.find((each) => each.line === line)
  if (chart) return chart
  throw new Failure({
    id: 'eso-version-unknown',
    exit: 'usage',
    what: '--eso-version is not a chart version of External Secrets Operator that the templates are written for.',
    why: `They fit ${charts.at(-1)?.line}.x to ${charts[0]?.line}.x; a version is written as ${charts[0]?.line}.x or ${charts[0]?.line}.0.`,
    fix: `eso-bootstrap init --scaffold --eso-version ${charts[0]?.line}.x`,
  })
}

function exact(said: string | undefined): string | undefined {
  return said?.match(/^v?(\d+\.\d+\.\d+)$/)?.[1]
}

function connectVersion(said: string | undefined): string {
  if (said === undefined) return connectVersions.default
  const [, version = '', line = '', patch = ''] = /^v?((\d+\.\d+)\.(\d+))$/.exec(said) ?? []
  const known = (connectVersions.lines as readonly string[]).includes(line)
  if (known && !(line === '1.5' && Number(patch) < 6)) return version
  throw new Failure({
    id: 'connect-version-unknown',
    exit: 'usage',
    what: '--connect-version is not a version of 1Password Connect that the templates are written for.',
    why: `They fit ${connectVersions.lowest} and what followed, up to ${connectVersions.lines[0]}; a version is written in full, without x.`,
    fix: `eso-bootstrap init --scaffold --connect-version ${connectVersions.default}`,
  })
}

function fluxVersion(which: keyof typeof fluxKinds, served: readonly string[] | undefined): string {
  const { kind, group, versions } = fluxKinds[which]
  const version = (versions as readonly string[]).find((each) => served === undefined || served.includes(each))
  if (version !== undefined) return `${group}/${version}`
  throw new Failure({
    id: 'flux-version-unsupported',
    exit: 'blocked',
    what: served?.length === 0 ? `The cluster has no ${kind}.` : `The cluster serves ${kind} only as ${served?.join(' and ')}.`,
    why: `The templates need ${group}/${versions.join(` or ${group}/`)}: Flux 2.0 or newer, with its source-, kustomize- and helm-controller.`,
    fix: ['flux check', 'flux install'],
  })
}

function mismatch(said: string | undefined, chart: Chart | undefined, served: readonly string[]): Failure {
  const brings = chart ? `, but chart ${said} brings ${chart.serves.join(' and ')}` : ', which no known chart brings'
  return new Failure({
    id: 'eso-version-mismatch',
    exit: 'blocked',
    what: `The cluster serves external-secrets.io ${served.join(' and ')}${brings}.`,
    why: 'External Secrets Operator is installed already; it has to be upgraded one minor version after the other, not by a scaffold.',
    fix: [
      'kubectl get deployments -A -l app.kubernetes.io/name=external-secrets -o wide',
      'eso-bootstrap init --scaffold --eso-version <that version>',
    ],
  })
}

function untested({ line, kubernetes }: Chart, minor: number | undefined): string[] {
  if (minor === undefined || minor >= kubernetes) return []
  return [`External Secrets Operator ${line} is tested on Kubernetes 1.${kubernetes} and newer; this cluster is 1.${minor}.`]
}

function installed(said: string | undefined, { line }: Chart, served: readonly string[]): string[] {
  if (said !== undefined || served.length === 0) return []
  return [`External Secrets Operator is installed already: if it isn't ${line}, name its version with --eso-version.`]
}

function minorOf(version: string): number | undefined {
  const minor = /^v?1\.(\d+)/.exec(version)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

function lines(names: readonly string[], serves: readonly string[], kubernetes: number): Chart[] {
  return names.map((line) => ({ line, serves, kubernetes }))
}

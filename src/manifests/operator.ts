import { chartOf, isHelmRelease, releaseNameOf } from './charts.ts'
import type { Placed } from './content.ts'
import { type Loaded, mapAt } from './documents.ts'

/** The HelmRelease that installs External Secrets Operator. */
export interface Operator {
  file: string
  name: string
  namespace?: string
  /** The chart's version or range, as written. */
  version?: string
  /** Where the chart's Deployments go, and how their names begin. */
  workloads: { namespace?: string; prefix: string }
  /** Part of the build now. */
  live: boolean
}

/** True for the HelmRelease of the chart external-secrets: https://charts.external-secrets.io */
export function isOperator(object: Loaded['object'], others: readonly Loaded[]): boolean {
  return isHelmRelease(object) && chartOf(object, others)?.name === 'external-secrets'
}

/** The operator's HelmRelease among these objects. */
export function readOperator(objects: readonly Placed[], live: boolean): Operator | undefined {
  const found = objects.find(({ object }) => isOperator(object, objects))
  if (!found) return undefined
  const metadata = mapAt(found.object, 'metadata')
  const namespace = found.namespace ?? metadata['namespace']
  const version = chartOf(found.object, objects)?.version
  return {
    file: found.file,
    name: String(metadata['name'] ?? ''),
    ...(typeof namespace === 'string' && { namespace }),
    ...(version !== undefined && { version }),
    workloads: workloadsOf(found.object, namespace),
    live,
  }
}

/** The chart puts its own name behind a release name that doesn't hold it. */
function workloadsOf(object: Loaded['object'], namespace: unknown): Operator['workloads'] {
  const { targetNamespace, values } = mapAt(object, 'spec')
  const release = releaseNameOf(object)
  const override = mapAt({ values }, 'values')['fullnameOverride']
  const full = release.includes('external-secrets') ? release : `${release}-external-secrets`
  const home = targetNamespace ?? namespace
  return { ...(typeof home === 'string' && { namespace: home }), prefix: typeof override === 'string' ? override : full }
}

import type { KubernetesObject } from '../../kubernetes/object.ts'
import { connectVersions, renderConnect } from './charts/connect.ts'
import { operatorVersions, renderOperator } from './charts/operator.ts'
import type { Release } from './charts/release.ts'

/** A Helm chart as far as the sandbox knows it. */
export interface Chart {
  repository: string
  versions: readonly string[]
  render(release: Release): KubernetesObject[]
}

/** The charts that the sandbox's cluster can reach, by name. */
export const charts: Readonly<Record<string, Chart>> = {
  'external-secrets': { repository: 'https://charts.external-secrets.io', versions: operatorVersions, render: renderOperator },
  connect: { repository: 'https://1password.github.io/connect-helm-charts', versions: connectVersions, render: renderConnect },
}

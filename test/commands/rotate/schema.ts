import type { Expiry } from '../../../src/steps/rotation/check-expiry.ts'
import type { RotationReport } from '../../../src/terminal/rotation-report.ts'
import { reader, schemaNamed } from '../reports.ts'

export const reportIn = reader<RotationReport & { tokens?: Expiry[] }>(schemaNamed('rotation'))

/** What became of each step of a cluster, by its id. */
export function statesIn({ clusters }: RotationReport, at = 0): Record<string, string> {
  return Object.fromEntries(clusters[at]?.steps.map(({ id, state }) => [id, state]) ?? [])
}

/** The errors of all clusters and of the run, by their ids. */
export function idsIn({ clusters, errors }: RotationReport): string[] {
  return [...clusters.flatMap((each) => each.errors), ...errors].map(({ id }) => id)
}
